import { startService } from '../kit/service.ts';
import { migrations } from './migrations.ts';
import { recurrence } from './service.ts';

await startService({ migrations, setup: (parts) => recurrence(parts) });
