import type { Clock } from './clock.ts';
import type { Dapr } from './dapr.ts';
import type { Database } from './database.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { Logger } from './log.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import { deleteRows, readPage, type Cursor, type OutboxRow } from './relay-source.ts';

export interface TermOptions {
  readonly database: Database;
  readonly dapr: Pick<Dapr, 'publishBulk'>;
  readonly log: Logger;
  readonly source: string;
  readonly clock: Clock;
  readonly token: number;
  readonly measures: RelayMetrics;
  /** Asks for `work` to be called again. */
  readonly kick: () => void;
}

const PAGE = 1000;
// Rows in memory. One key that cannot be published must leave room for the others.
const WINDOW = 8000;
const CALLS = 4;
const BATCH = { entries: 100, bytes: 1024 * 1024 };
const SLOW_POLL_MS = 1000;
// Where no notification comes, the poll alone decides how late an event is: handled within a second of its commit.
const POOLED_POLL_MS = 200;
const HELD_BACK_POLL_MS = 5;
const FINISH_MS = 5000;

/** What one holder of the lease does until it loses it: read, publish in order per key, delete. */
export class Term {
  readonly token: number;
  /** By the clock: after this another may hold the lease, and nothing new is published. */
  heldUntil = 0;
  readonly #with: TermOptions;
  readonly #queue = new KeyedQueue<OutboxRow>();
  readonly #abandoned = new AbortController();
  readonly #calls = new Set<Promise<void>>();
  #published: string[] = [];
  #deleting: Promise<void> | undefined;
  #cursor: Cursor | undefined;
  #readDue = 0;
  #failuresInRow = 0;
  #pausedUntil = 0;

  constructor(options: TermOptions) {
    this.#with = options;
    this.token = options.token;
  }

  /** There may be new rows. */
  lookAgain(): void {
    this.#readDue = 0;
  }

  /** Does what can be done now; resolves with the time at which there may be more to do. */
  async work(): Promise<number> {
    const { clock } = this.#with;
    if (clock.now() >= this.#readDue && this.#queue.size < WINDOW) await this.#read();
    this.#publish();
    this.#delete();
    const retry = clock.now() < this.#pausedUntil ? this.#pausedUntil : (this.#queue.nextTry() ?? Infinity);
    const canCall = this.#calls.size < CALLS && this.#held();
    return Math.min(this.#queue.size < WINDOW ? this.#readDue : Infinity, canCall ? retry : Infinity);
  }

  /** The lease is another's: what is under way no longer matters. */
  abandon(): void {
    this.#abandoned.abort(new Error('another process relays now'));
  }

  /** Lets the calls under way end, and forgets what they published. */
  async finish(): Promise<void> {
    const cancel = this.#with.clock.after(FINISH_MS, () => this.abandon());
    await Promise.all(this.#calls);
    cancel();
    await this.#deleting;
    this.#delete();
    await this.#deleting;
  }

  async #read(): Promise<void> {
    const { database, source, clock, log } = this.#with;
    this.#readDue = clock.now() + (database.pooled ? POOLED_POLL_MS : SLOW_POLL_MS);
    try {
      const page = await readPage(database, source, this.#cursor, PAGE);
      this.#cursor = page.cursor;
      for (const row of page.rows) this.#queue.add(row);
      if (page.more) this.#readDue = 0;
      else if (page.heldBack) this.#readDue = clock.now() + HELD_BACK_POLL_MS;
    } catch (error) {
      log.warn({ err: error }, 'the outbox could not be read');
    }
  }

  #held(): boolean {
    return this.#with.clock.now() < this.heldUntil && !this.#abandoned.signal.aborted;
  }

  #publish(): void {
    const { clock } = this.#with;
    while (this.#calls.size < CALLS && this.#held() && clock.now() >= this.#pausedUntil) {
      const batch = this.#queue.take(BATCH, clock.now());
      if (!batch) return;
      const call = this.#call(batch.topic, batch.items).finally(() => {
        this.#calls.delete(call);
        this.#with.kick();
      });
      this.#calls.add(call);
    }
  }

  async #call(topic: string, rows: readonly OutboxRow[]): Promise<void> {
    const { dapr, clock, log, measures } = this.#with;
    try {
      const failed = new Map((await dapr.publishBulk(topic, rows, this.#abandoned.signal)).map(({ index, error }) => [index, error]));
      for (const [index, row] of rows.entries()) {
        if (failed.has(index)) this.#queue.fail(row, clock.now(), backOff);
        else this.#succeeded(row);
      }
      this.#failuresInRow = 0;
      if (failed.size > 0) {
        measures.failures.inc({ topic }, failed.size);
        log.warn({ topic, failed: failed.size, of: rows.length, reason: failed.values().next().value }, 'some events could not be published');
      }
    } catch (error) {
      // Nothing is known of any of them. The sidecar or the broker is away: all wait, not only these keys.
      for (const row of rows) this.#queue.fail(row, clock.now(), () => 0);
      this.#failuresInRow += 1;
      this.#pausedUntil = clock.now() + backOff(this.#failuresInRow);
      measures.failures.inc({ topic }, rows.length);
      if (!this.#abandoned.signal.aborted) log.warn({ topic, events: rows.length, err: error }, 'events could not be published');
    }
  }

  #succeeded(row: OutboxRow): void {
    const { measures } = this.#with;
    this.#queue.succeed(row);
    this.#published.push(row.id);
    measures.published.inc({ topic: row.topic });
    measures.delay.observe({ topic: row.topic }, Math.max(Date.now() - row.enqueuedAt.getTime(), 0) / 1000);
  }

  #delete(): void {
    if (this.#deleting || this.#published.length === 0) return;
    const { database, log, kick } = this.#with;
    const ids = this.#published;
    this.#published = [];
    this.#deleting = deleteRows(database, ids).then(
      () => {
        this.#deleting = undefined;
        if (this.#published.length > 0) kick();
      },
      (error: unknown) => {
        // They stay published and would be published again by the next holder: try again with the next batch.
        this.#published.push(...ids);
        this.#deleting = undefined;
        log.warn({ err: error }, 'published events could not be deleted');
      },
    );
  }
}

/** 100 ms doubling to 2 s. */
function backOff(failures: number): number {
  return Math.min(100 * 2 ** (failures - 1), 2000);
}
