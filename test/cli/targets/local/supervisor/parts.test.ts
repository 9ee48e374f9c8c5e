import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bell } from '../../../../../cli/targets/local/supervisor/bell.ts';
import { contradiction } from '../../../../../cli/targets/local/supervisor/check.ts';
import type { ProcessSpec } from '../../../../../cli/targets/local/supervisor/process-spec.ts';
import { lines } from '../../../../../cli/targets/local/supervisor/protocol.ts';
import { backOff, probePause } from '../../../../../cli/targets/local/supervisor/restart.ts';

describe('back-off', () => {
  test('doubles from 50 ms up to 10 s', () => {
    expect([1, 2, 3, 4, 8, 9, 100].map((failures) => backOff(failures, 0.5))).toEqual([50, 100, 200, 400, 6400, 10_000, 10_000]);
  });

  test('varies by a fifth either way', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const middle = backOff(failures, 0.5);
      expect(Math.abs(backOff(failures, random) - middle)).toBeLessThanOrEqual(middle * 0.2 + 1);
    }));
  });
});

test('probes are quick at first and sparing later', () => {
  expect([0, 2999, 3000, 14_999, 15_000].map(probePause)).toEqual([20, 20, 100, 100, 500]);
});

describe('lines', () => {
  test('come out whole, however the stream is cut', () => {
    fc.assert(fc.property(fc.array(fc.string().map((text) => text.replaceAll('\n', ' ')).filter((text) => text !== '')), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (wanted, sizes) => {
      const got: string[] = [];
      const take = lines((line) => got.push(line));
      const stream = wanted.map((line) => `${line}\n`).join('');
      for (let at = 0, piece = 0; at < stream.length; piece++) {
        const end = at + (sizes[piece % sizes.length] ?? 1);
        take(stream.slice(at, end));
        at = end;
      }
      expect(got).toEqual(wanted);
    }));
  });

  test('that never end are refused', () => {
    const take = lines(() => undefined);
    expect(() => {
      for (let count = 0; count < 20; count++) take('x'.repeat(1024 * 1024));
    }).toThrow('a line without an end');
  });
});

describe('bell', () => {
  test('wakes all that wait, and none that come later', async () => {
    const bell = new Bell();
    const heard: string[] = [];
    const both = Promise.all(['a', 'b'].map(async (name) => { await bell.heard(); heard.push(name); }));
    bell.ring();
    await both;
    expect(heard).toEqual(['a', 'b']);
    const late = Promise.race([bell.heard(30).then(() => 'time'), Promise.resolve().then(() => 'not yet')]);
    expect(await late).toBe('not yet');
  });

  test('a wait with a time ends by itself', async () => {
    const before = performance.now();
    await new Bell().heard(20);
    expect(performance.now() - before).toBeGreaterThanOrEqual(18);
  });
});

describe('contradiction', () => {
  const spec = (name: string, after: string[] = []): ProcessSpec => ({
    name, after, kind: 'service', command: 'true', args: [], env: {}, cwd: '/', hash: '', ready: { http: 'http://127.0.0.1:1/' }, stop: { signal: 'SIGTERM', graceMs: 1 },
  });

  test('there is none in any order of starts that goes forward', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }).chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => fc.subarray(Array.from({ length: index }, (__, at) => at))))), (afters) => {
      expect(contradiction(afters.map((after, index) => spec(`p${index}`, after.map((at) => `p${at}`))))).toBeUndefined();
    }));
  });

  test('a circle is named, and only the circle', () => {
    expect(contradiction([spec('web', ['a']), spec('a', ['b']), spec('b', ['c']), spec('c', ['a'])])).toBe('each waits for the next: a, b, c, a');
    expect(contradiction([spec('self', ['self'])])).toBe('each waits for the next: self, self');
  });
});
