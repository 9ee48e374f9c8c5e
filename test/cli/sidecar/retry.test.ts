import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Retry } from '../../../cli/sidecar/resources/resiliency.ts';
import { Permanent, StatusError, waits, withPolicy } from '../../../cli/sidecar/retry.ts';

const CONSTANT: Retry = { policy: 'constant', durationMs: 100, maxIntervalMs: 60_000, maxRetries: 3, statuses: undefined };
const EXPONENTIAL: Retry = { ...CONSTANT, policy: 'exponential', maxIntervalMs: 2000, maxRetries: -1 };

/** A clock on which waiting is all that takes time. */
function fakeClock(): { now(): number; wait(ms: number, stop?: AbortSignal): Promise<void>; waited: number[] } {
  let now = 0;
  const waited: number[] = [];
  return {
    waited,
    now: () => now,
    wait: async (ms, stop) => {
      stop?.throwIfAborted();
      waited.push(ms);
      now += ms;
    },
  };
}

describe('the waits of a policy', () => {
  it('are all the same for a constant one, as many as it has retries', () => {
    expect([...waits(CONSTANT, () => 0, Math.random)]).toEqual([100, 100, 100]);
  });

  it('grow by half for an exponential one, from 500 ms to its longest', () => {
    const found: number[] = [];
    for (const ms of waits(EXPONENTIAL, () => 0, () => 0.5)) if (found.push(ms) === 7) break;
    expect(found).toEqual([500, 750, 1125, 1687.5, 2000, 2000, 2000]);
  });

  it('end after a quarter of an hour, however many retries there are', () => {
    let now = 0;
    let total = 0;
    for (const ms of waits(EXPONENTIAL, () => now, () => 0.5)) {
      total += ms;
      now += ms;
    }
    expect(total).toBeGreaterThan(15 * 60_000);
    expect(total).toBeLessThan(16 * 60_000);
  });

  it('stay within half and one and a half of their interval', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
      const [first] = waits(EXPONENTIAL, () => 0, () => random);
      expect(first).toBeGreaterThanOrEqual(250);
      expect(first).toBeLessThanOrEqual(750);
    }));
  });
});

describe('running under a policy', () => {
  const never = new AbortController().signal;

  it('asks until it succeeds', async () => {
    const clock = fakeClock();
    let asked = 0;
    const result = await withPolicy({ retry: CONSTANT }, async () => {
      if (++asked < 3) throw new Error('not yet');
      return asked;
    }, { clock, stop: never });
    expect(result).toBe(3);
    expect(clock.waited).toEqual([100, 100]);
  });

  it('throws the last failure when it is exhausted', async () => {
    let asked = 0;
    const failing = withPolicy({ retry: CONSTANT }, () => Promise.reject(new Error(`failure ${++asked}`)), { clock: fakeClock(), stop: never });
    await expect(failing).rejects.toThrow('failure 4');
  });

  it('asks once where there is no retry, or where trying again cannot help', async () => {
    for (const [policy, failure] of [[{}, new Error('first')], [{ retry: CONSTANT }, new Permanent('first')]] as const) {
      let asked = 0;
      await expect(withPolicy(policy, () => (asked++, Promise.reject(failure)), { clock: fakeClock(), stop: never })).rejects.toThrow('first');
      expect(asked).toBe(1);
    }
  });

  it('tries only the statuses again that the policy names', async () => {
    const tries = async (status: number): Promise<number> => {
      let asked = 0;
      const statuses = [[429, 429], [500, 599]] as const;
      await withPolicy({ retry: { ...CONSTANT, statuses } }, () => (asked++, Promise.reject(new StatusError(status, 'no'))), { clock: fakeClock(), stop: never }).catch(() => undefined);
      return asked;
    };
    expect(await Promise.all([400, 429, 500, 599, 600].map(tries))).toEqual([1, 4, 4, 4, 1]);
  });

  it('gives each attempt a deadline of its own', async () => {
    const deadlines: (AbortSignal | undefined)[] = [];
    await withPolicy({ timeoutMs: 10_000, retry: CONSTANT }, async (deadline) => {
      deadlines.push(deadline);
      if (deadlines.length < 2) throw new Error('again');
    }, { clock: fakeClock(), stop: never });
    expect(new Set(deadlines).size).toBe(2);
    expect(deadlines.every((deadline) => deadline?.aborted === false)).toBe(true);
  });

  it('stops waiting at the end, but lets what is under way finish', async () => {
    const ending = new AbortController();
    const finished = withPolicy({ retry: CONSTANT }, async () => {
      ending.abort();
      return 'done all the same';
    }, { clock: fakeClock(), stop: ending.signal });
    expect(await finished).toBe('done all the same');
    const failed = withPolicy({ retry: CONSTANT }, () => Promise.reject(new Error('and failed')), { clock: fakeClock(), stop: ending.signal });
    await expect(failed).rejects.toThrow('and failed');
  });
});
