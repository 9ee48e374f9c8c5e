import { mkdirSync, realpathSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { jsonLog } from '../../../io/json-log.ts';
import { guard } from './guard.ts';
import { logPath, openLog } from './logs.ts';
import { supervise } from './supervise.ts';

// node supervisor.js --state DIR [--as supervisor|successor]   keeps the processes of a state directory running
// node supervisor.js --state DIR --as guard                    keeps the supervisor running

const { values } = parseArgs({ options: { state: { type: 'string' }, as: { type: 'string', default: 'supervisor' } } });
if (!values.state) throw new Error('--state DIR is needed');

// Whatever is made here, or by a child, is its owner's alone.
process.umask(0o077);
mkdirSync(values.state, { recursive: true });
const stateDir = realpathSync(values.state);
// Into the file by itself: stdout may lead to a terminal that is gone.
const file = openLog(logPath(stateDir, 'supervisor'));
const log = jsonLog({ name: values.as, write: (line) => writeSync(file, line) });
const place = { stateDir, node: process.execPath, script: process.argv[1] as string, log, onlyIfLeft: values.as === 'successor' };

// A terminal that closes is no reason to end.
process.on('SIGHUP', () => undefined);
process.on('uncaughtException', (error) => {
  log.error('fatal', { err: { message: error.message, stack: error.stack } });
  process.exit(1);
});

if (values.as === 'guard') {
  await guard(place);
} else {
  const asked = new AbortController();
  process.on('SIGTERM', () => { asked.abort(); }).on('SIGINT', () => { asked.abort(); });
  await supervise(place, asked.signal);
}
process.exit(0);
