import { startService } from '../kit/service.ts';
import { migrations } from './migrations.ts';
import { taskApi } from './service.ts';

await startService({ migrations, setup: taskApi });
