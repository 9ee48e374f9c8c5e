import { startService } from '../kit/service.ts';
import { realtime } from './service.ts';

await startService({ setup: (parts) => realtime(parts) });
