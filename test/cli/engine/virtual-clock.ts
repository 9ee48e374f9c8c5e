import type { Clock } from '../../../cli/io/clock.ts';

/** A clock that moves on to the next wait whenever nothing else is going on: a minute of waiting takes no time. */
export class VirtualClock implements Clock {
  #now = 0;
  #waits: { at: number; wake: () => void }[] = [];
  #pumping = false;

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (): void => { reject(signal?.reason as Error); };
      if (signal?.aborted) {
        refuse();
        return;
      }
      const wait = { at: this.#now + ms, wake: resolve };
      signal?.addEventListener('abort', () => {
        this.#waits = this.#waits.filter((other) => other !== wait);
        refuse();
      }, { once: true });
      this.#waits.push(wait);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const next = this.#waits.reduce<{ at: number; wake: () => void } | undefined>((least, wait) => (least && least.at <= wait.at ? least : wait), undefined);
      if (!next) return;
      this.#waits = this.#waits.filter((wait) => wait !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      this.#pump();
    });
  }
}
