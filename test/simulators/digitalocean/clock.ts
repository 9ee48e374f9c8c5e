import type { Clock } from '../../../cli/io/clock.ts';

/** The time of the simulated API. Tests move it; whoever hands it to todoctl as its clock never waits for real. */
export interface SimulatedClock extends Clock {
  /** Moves time forward, and with it all that was to happen until then. */
  advance(ms: number): void;
  /** Runs `deed` once so much time has passed; what is due happens before the next request is answered. */
  after(ms: number, deed: () => void): void;
  iso(at?: number): string;
}

/** A clock that tests move, or with `speed` one that runs by itself, so many times as fast as real time. */
export function simulatedClock({ start = Date.parse('2026-11-20T09:00:00Z'), speed }: { start?: number; speed?: number } = {}): SimulatedClock {
  const began = performance.now();
  let moved = 0;
  let due: { at: number; deed: () => void }[] = [];
  /** While a deed is done, it is the moment that it was planned for. */
  let moment: number | undefined;
  const now = (): number => moment ?? start + moved + (speed === undefined ? 0 : Math.floor((performance.now() - began) * speed));
  const settle = (): void => {
    if (moment !== undefined) return;
    // A deed may plan another one that is due as well.
    for (;;) {
      const first = due.reduce<{ at: number; deed: () => void } | undefined>((found, one) => (one.at <= now() && (found === undefined || one.at < found.at) ? one : found), undefined);
      if (first === undefined) return;
      due = due.filter((one) => one !== first);
      moment = first.at;
      try {
        first.deed();
      } finally {
        moment = undefined;
      }
    }
  };
  const advance = (ms: number): void => {
    moved += ms;
    settle();
  };
  return {
    now() {
      settle();
      return now();
    },
    advance,
    after(ms, deed) {
      due.push({ at: now() + ms, deed });
      settle();
    },
    iso: (at = now()) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    async wait(ms, signal) {
      signal?.throwIfAborted();
      // Whoever else waits for the same moment gets to see each step of time.
      await new Promise((resolve) => setImmediate(resolve));
      if (speed === undefined) advance(ms);
      else await new Promise((resolve) => setTimeout(resolve, ms / speed));
      signal?.throwIfAborted();
    },
  };
}
