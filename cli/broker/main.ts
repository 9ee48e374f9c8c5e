import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { type Log, jsonLog, type LogLevel } from '../io/json-log.ts';
import { startBroker } from './broker.ts';
import { parseConfig } from './config.ts';

const { values } = parseArgs({ options: { config: { type: 'string' } } });
const log = (level: LogLevel): Log => jsonLog({ name: 'broker', level, write: (line) => process.stdout.write(line) });

try {
  if (values.config === undefined) throw new Error('--config FILE is wanted');
  const config = parseConfig(readFileSync(values.config, 'utf8'));
  const logger = log(config.logLevel ?? 'info');
  const broker = await startBroker(config, { log: logger });
  logger.info('ready', { host: broker.host, port: broker.port, ms: Math.round(performance.now()) });
  const stop = (signal: string): void => {
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    logger.info('stopping', { signal });
    broker.stop().then(
      () => logger.info('stopped'),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  fail(error);
}

/** One line that says why, and the exit code of the catalogue; 3 for what is known to be wrong around the broker. */
function fail(error: unknown): void {
  const known = error instanceof TodoctlError;
  const message = error instanceof Error ? error.message : String(error);
  log('info').fatal(message, known ? { code: error.code, why: error.why } : { code: (error as NodeJS.ErrnoException).code });
  process.exitCode = known ? error.exit : 3;
}
