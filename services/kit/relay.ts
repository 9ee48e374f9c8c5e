import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from './clock.ts';
import type { Dapr } from './dapr.ts';
import type { Database } from './database.ts';
import { createLease } from './lease.ts';
import { listen } from './listener.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { outboxChannel } from './outbox.ts';
import { Term } from './relay-term.ts';
import { relayMetrics } from './relay-metrics.ts';

export interface RelayOptions {
  readonly database: Database;
  readonly dapr: Pick<Dapr, 'publishBulk'>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The CloudEvents' source, `todo/<service>`. */
  readonly source: string;
  /** The replica's name; something of this run is added. */
  readonly replica: string;
  readonly clock?: Clock;
}

export interface Relay {
  /** Whether this process relays now; false in all but one. */
  readonly active: boolean;
  /** Finishes the calls under way, hands the lease over and resolves. */
  stop(): Promise<void>;
}

/** How long a dead relay's lease lives. With the retry of the others this is the time to take over: at most 4 s. */
export const LEASE_MS = 3000;
const RENEW_MS = 1000;
const RETRY_MS = 1000;
const CONNECTIONS = 3;
// Stop well before the database would give the lease to another.
const SAFETY_MS = 500;

/**
 * Publishes the outbox of a schema. Any number of processes may run one; exactly one holds the lease and relays. Events of a key
 * reach their topic in commit order (once repeats of an event id are dropped), each at least once.
 */
export function startRelay(options: RelayOptions): Relay {
  const { log, clock = systemClock } = options;
  // Under load a lease that waits for a connection would run out.
  const database = options.database.another(CONNECTIONS);
  const lease = createLease(database, { name: 'outbox', owner: `${options.replica}/${randomUUID()}`, ttlMs: LEASE_MS });
  const measures = relayMetrics(options.metrics, database);
  let term: Term | undefined;
  let stopping = false;
  let wake = (): void => undefined;
  let woken = false;
  const kick = (): void => {
    woken = true;
    wake();
  };
  const listener = database.pooled
    ? undefined
    : listen({
        url: database.url,
        channel: outboxChannel(database.schema),
        clock,
        onWake: () => {
          term?.lookAgain();
          kick();
        },
      });

  /** Returns when the lease must be looked after again. */
  const keepLease = async (): Promise<number> => {
    const asked = clock.now();
    try {
      const token = await lease.hold();
      if (token === undefined || token !== term?.token) endTerm();
      if (token === undefined) return asked + RETRY_MS;
      if (!term) {
        term = new Term({ ...options, database, clock, token, measures, kick });
        log.info({ token }, 'relaying the outbox');
      }
      measures.active.set({}, 1);
      term.heldUntil = asked + LEASE_MS - SAFETY_MS;
      return asked + RENEW_MS;
    } catch (error) {
      if (term && clock.now() >= term.heldUntil) endTerm();
      log.warn({ err: error }, 'the lease of the outbox could not be asked for');
      return clock.now() + RETRY_MS / 4;
    }
  };
  const endTerm = (): void => {
    if (!term) return;
    const ended = term;
    term = undefined;
    measures.active.set({}, 0);
    log.warn({ token: ended.token }, 'the lease of the outbox is lost');
    ended.abandon();
  };
  const pause = async (until: number): Promise<void> => {
    const ms = until - clock.now();
    if (woken || ms <= 0) {
      woken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
    wake = () => undefined;
    woken = false;
  };
  const run = async (): Promise<void> => {
    let leaseDue = 0;
    while (!stopping) {
      if (clock.now() >= leaseDue) leaseDue = await keepLease();
      const due = (await term?.work()) ?? Infinity;
      await pause(Math.min(leaseDue, due));
    }
    if (term) {
      await term.finish();
      term = undefined;
      // Not released, it would run out by itself.
      await lease.release().catch(() => undefined);
    }
    measures.active.set({}, 0);
    await listener?.close();
    await database.close();
  };
  const ended = run();
  return {
    get active() {
      return term !== undefined;
    },
    async stop() {
      stopping = true;
      kick();
      await ended;
    },
  };
}
