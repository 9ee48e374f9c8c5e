import type { Clock } from '../io/clock.ts';

/** Thrown into a step's run when its time is over. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Thrown into a step's run at the second Ctrl-C. */
export class Left extends Error {
  override readonly name = 'Left';
}

export interface Limit {
  clock: Clock;
  /** Milliseconds since the epoch. */
  deadline: number;
  leave: AbortSignal;
}

/** Ends with `work`, or throws OutOfTime or Left, whichever comes first. The work itself cannot be taken back: it is left behind. */
export async function within<T>(work: Promise<T>, limit: Limit): Promise<T> {
  const timer = new AbortController();
  const over = limit.clock.wait(Math.max(0, limit.deadline - limit.clock.now()), timer.signal).then(() => {
    throw new OutOfTime();
  });
  let onLeave = (): void => undefined;
  const left = new Promise<never>((_, reject) => {
    onLeave = () => { reject(new Left()); };
    if (limit.leave.aborted) onLeave();
    else limit.leave.addEventListener('abort', onLeave, { once: true });
  });
  try {
    return await Promise.race([work, over, left]);
  } finally {
    limit.leave.removeEventListener('abort', onLeave);
    timer.abort();
  }
}
