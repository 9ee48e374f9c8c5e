// The gateway process: `node gateway.js --config FILE`.
import { jsonLog } from '../../../io/json-log.ts';
import { readGatewayConfig } from './config.ts';
import { startGateway } from './server.ts';

const GRACE_MS = 5000;
const log = jsonLog({ name: 'gateway', write: (line) => process.stdout.write(line) });

try {
  const gateway = await startGateway({ config: readGatewayConfig(process.argv), log, now: () => performance.now() });
  const end = (): void => {
    log.info('ending');
    void gateway.close(GRACE_MS).then(() => process.exit(0));
  };
  process.once('SIGTERM', end).once('SIGINT', end);
} catch (error) {
  log.error((error as Error).message);
  process.exitCode = 1;
}
