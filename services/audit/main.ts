import { startService } from '../kit/service.ts';
import { migrations } from './migrations.ts';
import { audit } from './service.ts';

await startService({ migrations, setup: audit });
