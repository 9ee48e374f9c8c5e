/** Time as a dependency: tests hand in a clock that they move. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `action` after `ms`; the returned function cancels that. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
