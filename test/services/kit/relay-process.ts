// A relay in a process of its own, for tests that kill it. Arguments: database URL, sidecar port, replica.
import { createDapr } from '../../../services/kit/dapr.ts';
import { openDatabase } from '../../../services/kit/database.ts';
import { silentLogger } from '../../../services/kit/log.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { startRelay } from '../../../services/kit/relay.ts';

const [url = '', port = '', replica = ''] = process.argv.slice(2);
const database = openDatabase({ url, schema: 'task_api' });
const dapr = createDapr({ port: Number(port) });
startRelay({ database, dapr, log: silentLogger, metrics: new Metrics(), source: 'todo/task-api', replica });
process.stdout.write('started\n');
