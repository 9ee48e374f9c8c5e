import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../cli/io/clock.ts';

describe('waiting', () => {
  test('ends after its time, not before', async () => {
    const began = performance.now();
    await systemClock.wait(20);
    // A timer may fire a fraction of a millisecond early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(19);
  });

  test('ends at once with the reason, when it is called off', async () => {
    const stop = new AbortController();
    const waiting = systemClock.wait(60_000, stop.signal);
    const reason = new Error('Ctrl-C');
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('does not begin when it was called off before', async () => {
    const reason = new Error('too late');
    await expect(systemClock.wait(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('leaves nothing at the signal, however often somebody waits by it', async () => {
    const stop = new AbortController();
    for (let n = 0; n < 20; n += 1) await systemClock.wait(0, stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    stop.abort();
  });
});

test('now is the time of this machine', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(50);
});
