import type { Log } from '../io/json-log.ts';
import type { Segment } from './log/segment.ts';
import type { Offsets } from './offsets.ts';

/** Syncs what was written since the last round, off the event loop. */
export class Flusher {
  readonly #log: Log;
  #dirty = new Set<Segment>();
  #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  start(everyMs: number, offsets: Offsets): void {
    this.#timer = setInterval(() => {
      const dirty = [...this.#dirty];
      this.#dirty = new Set();
      for (const segment of dirty) this.later(() => segment.syncSoon());
      this.later(() => offsets.syncSoon());
    }, everyMs);
  }

  dirty(segment: Segment): void {
    this.#dirty.add(segment);
  }

  /** Runs `work` and logs its failure: nobody waits for it but `stop`. */
  later(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#log.error('syncing to the disk failed: a power cut now could lose acknowledged records', { error: String(error) }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
  }
}
