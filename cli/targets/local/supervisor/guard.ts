import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../io/json-log.ts';
import { identify, isAlive } from '../../../io/process-identity.ts';
import { startInBackground } from './background.ts';
import { DISMISSED, lines } from './protocol.ts';
import { readRecord, recordPath } from './record.ts';

const LOOK_MS = 20;
/** How long a supervisor that was started may take to answer before another one is started. */
const START_MS = 3000;
/** One that ended sooner than this is not started again at once. */
const HASTY_MS = 1000;

/** Watches the supervisor by one open connection and starts it again when that breaks. Returns when it is dismissed, or nothing is left to guard. */
export async function guard(given: { stateDir: string; node: string; script: string; log: Log }): Promise<void> {
  let startedAt = 0;
  while (existsSync(recordPath(given.stateDir))) {
    const record = readRecord(given.stateDir);
    const how = record ? await holdOn(record.socket) : 'absent';
    if (how === DISMISSED || !existsSync(recordPath(given.stateDir))) return;
    if (!record || !isAlive(record.supervisor)) {
      const age = Date.now() - startedAt;
      if (how === 'lost' && age < HASTY_MS) await sleep(HASTY_MS);
      if (how === 'lost' || age > START_MS) {
        given.log.info('the supervisor is gone: starting it again');
        startedAt = Date.now();
        // Should there be another one already, the lock decides between them; should all have been ended, it finds no record.
        startInBackground({ ...given, as: 'successor' });
      }
    }
    await sleep(LOOK_MS);
  }
}

/** Holds a connection to the supervisor until it breaks, and says how it did. */
function holdOn(socket: string): Promise<typeof DISMISSED | 'lost' | 'absent'> {
  return new Promise((resolve) => {
    let how: typeof DISMISSED | 'lost' | 'absent' = 'absent';
    const connection = connect(socket);
    const take = lines((line) => {
      if ((JSON.parse(line) as { guard?: string }).guard === DISMISSED) how = DISMISSED;
    });
    connection.setEncoding('utf8');
    connection.once('connect', () => {
      how = 'lost';
      connection.write(`${JSON.stringify({ ask: 'guard', guard: identify(process.pid) })}\n`);
    });
    connection.on('data', (chunk) => { take(chunk.toString()); });
    connection.on('error', () => connection.destroy());
    connection.once('close', () => { resolve(how); });
  });
}
