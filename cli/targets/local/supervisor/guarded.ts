import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../io/json-log.ts';
import { identify, type Identity, isAlive } from '../../../io/process-identity.ts';
import { DISMISSED } from './protocol.ts';

/** How long a guard may take to call, in milliseconds. */
const CALL_MS = 2000;
const DISMISS_MS = 1000;
/** One that ended before it called is replaced after so long, lest one that cannot live is started without end. */
const HASTY_MS = 200;

/** The supervisor's side of its guard: there is exactly one, and when its connection breaks a new one is started. */
export class Guarded {
  readonly #start: () => ChildProcess;
  readonly #changed: () => void;
  readonly #log: Log;
  #identity: Identity | null;
  #connection: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** `before`: the guard of an earlier supervisor; it is given time to call. */
  constructor(given: { start: () => ChildProcess; changed: () => void; before: Identity | null; log: Log }) {
    this.#log = given.log;
    this.#start = given.start;
    this.#changed = given.changed;
    this.#identity = given.before && isAlive(given.before) ? given.before : null;
    if (this.#identity) this.#expect();
    else this.#replace();
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  /** A guard has called. A second one is sent home. */
  take(connection: Socket, identity: Identity): void {
    if (this.#connection || this.#over) {
      connection.end(`${JSON.stringify({ guard: DISMISSED })}\n`);
      return;
    }
    clearTimeout(this.#timer);
    this.#connection = connection;
    this.#identity = identity;
    this.#changed();
    this.#log.info('the guard has called', { guard: identity.pid });
    connection.once('close', () => {
      this.#connection = undefined;
      if (!this.#over) this.#replace();
    });
  }

  /** Sends the guard home and waits until it has gone. */
  async dismiss(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    if (!connection) {
      // It has not called yet: it cannot be told, and would bring a supervisor back.
      if (this.#identity && isAlive(this.#identity)) process.kill(this.#identity.pid, 'SIGKILL');
      return;
    }
    const closed = new Promise((resolve) => connection.once('close', resolve));
    connection.end(`${JSON.stringify({ guard: DISMISSED })}\n`);
    await Promise.race([closed, sleep(DISMISS_MS, undefined, { ref: false })]);
  }

  #replace(): void {
    const started = this.#start();
    this.#identity = started.pid === undefined ? null : (identify(started.pid) ?? null);
    // Ended before it could call.
    started.once('exit', () => {
      if (this.#identity?.pid === started.pid && !this.#connection && !this.#over) this.#expect(HASTY_MS);
    });
    this.#changed();
    this.#expect();
  }

  #expect(ms = CALL_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#connection && !this.#over) this.#replace();
    }, ms);
  }
}
