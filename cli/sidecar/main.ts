import { parseArgs } from 'node:util';
import { systemClock } from '../io/clock.ts';
import { jsonLog } from '../io/json-log.ts';
import { readConfig } from './config.ts';
import { ResourceError } from './resources/resource-error.ts';
import { startSidecar, type Sidecar } from './sidecar.ts';

/** A stuck delivery must not hold up the end for ever; daprd waits as long by default. */
const SHUTDOWN_MS = 5000;

// node sidecar.js --config FILE: the sidecars of all apps, until SIGTERM.
const { values } = parseArgs({ options: { config: { type: 'string' } } });
const { config, apps } = await readConfig(values.config ?? '');
const log = jsonLog({ name: 'sidecar', level: config.logLevel ?? 'info', write: (line) => process.stdout.write(line) });

let sidecar: Sidecar | undefined;
let ending = false;

function end(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => {
    log.warn(`not everything in flight finished within ${SHUTDOWN_MS} ms`);
    process.exit(0);
  }, SHUTDOWN_MS).unref();
  void (sidecar?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
}

process.on('SIGTERM', end);
process.on('SIGINT', end);

try {
  sidecar = await startSidecar({ config, apps }, { clock: systemClock, log, shutdown: end });
  log.info(`ready after ${Math.round(performance.now())} ms`, { apps: apps.map(({ appId, httpPort }) => `${appId}:${httpPort}`) });
} catch (error) {
  log.error(error instanceof ResourceError ? error.message : String((error as Error).stack));
  process.exit(1);
}
