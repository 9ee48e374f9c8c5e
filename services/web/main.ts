import path from 'node:path';
import { startService } from '../kit/service.ts';
import { web } from './service.ts';

// Beside this file: in the sources as in the bundle.
const folder = path.join(import.meta.dirname, 'public');

await startService({ setup: (parts) => web(parts, folder) });
