import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulatedClock } from './clock.ts';
import { Faults } from './faults.ts';

test('deeds are done in the order of their time, each at its own moment, however far the clock is moved', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 }), (delays, moves) => {
      const clock = simulatedClock({ start: 0 });
      const done: number[] = [];
      for (const delay of delays) clock.after(delay, () => void done.push(clock.now()));
      for (const move of moves) clock.advance(move);
      const end = moves.reduce((sum, move) => sum + move, 0);
      expect(done).toEqual(delays.filter((delay) => delay <= end).toSorted((a, b) => a - b));
    }),
  );
});

test('what a deed plans counts from its own moment', () => {
  const clock = simulatedClock({ start: 0 });
  const done: number[] = [];
  clock.after(10, () => clock.after(10, () => void done.push(clock.now())));
  clock.advance(1000);
  expect([done, clock.now()]).toEqual([[20], 1000]);
});

test('waiting moves the clock, and ends with its signal', async () => {
  const clock = simulatedClock({ start: 0 });
  await clock.wait(5000);
  expect(clock.now()).toBe(5000);
  const stop = AbortSignal.abort(new Error('enough'));
  await expect(clock.wait(1, stop)).rejects.toThrow('enough');
});

test('with a speed the clock runs by itself', async () => {
  const clock = simulatedClock({ start: 0, speed: 1000 });
  await clock.wait(2000);
  expect(clock.now()).toBeGreaterThanOrEqual(1900);
});

test('a fault strikes as often as it is told, after those that it lets through, and until it is stopped', () => {
  const faults = new Faults();
  const struck = faults.arm({ method: 'POST', path: /vpcs/, after: 1, times: 2, status: 500 });
  const statuses = Array.from({ length: 5 }, () => faults.next('POST', '/v2/vpcs')?.status);
  expect([statuses, struck.times]).toEqual([[undefined, 500, 500, undefined, undefined], 2]);
  expect(faults.next('GET', '/v2/vpcs')).toBeUndefined();
  const always = faults.arm({ times: Infinity, status: 503 });
  expect(faults.next('GET', '/v2/account')?.status).toBe(503);
  always.stop();
  expect(faults.next('GET', '/v2/account')).toBeUndefined();
});
