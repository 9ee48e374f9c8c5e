import type { SimulatedClock } from './clock.ts';

export interface Limits {
  /** 5000 when left out, as the real API. */
  perHour?: number;
  /** Unlimited when left out: a test that moves the clock makes in a second what takes an hour. */
  perMinute?: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Counts requests in windows that slide, and says so in headers. */
export class Rate {
  private asked: number[] = [];
  private readonly clock: SimulatedClock;
  private readonly limits: Limits;

  constructor(clock: SimulatedClock, limits: Limits) {
    this.clock = clock;
    this.limits = limits;
  }

  /** Counts one request. `retryAfter` in seconds: it is one too many. */
  count(): { headers: Record<string, string>; retryAfter?: number } {
    const now = this.clock.now();
    this.asked = this.asked.filter((at) => at > now - HOUR);
    const { perHour = 5000, perMinute = Infinity } = this.limits;
    const inMinute = this.asked.filter((at) => at > now - MINUTE);
    const left = (oldest: number | undefined, window: number): number => Math.max(1, Math.ceil(((oldest ?? now) + window - now) / 1000));
    const retryAfter = this.asked.length >= perHour ? left(this.asked[0], HOUR) : inMinute.length >= perMinute ? left(inMinute[0], MINUTE) : undefined;
    if (retryAfter === undefined) this.asked.push(now);
    return {
      headers: {
        'ratelimit-limit': String(perHour),
        'ratelimit-remaining': String(Math.max(0, perHour - this.asked.length)),
        // When the oldest request no longer counts, not when all do.
        'ratelimit-reset': String(Math.ceil(((this.asked[0] ?? now) + HOUR) / 1000)),
      },
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
  }
}
