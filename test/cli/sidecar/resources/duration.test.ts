import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, goDuration } from '../../../../cli/sidecar/resources/duration.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['2h', 7_200_000],
    ['0', 0],
    ['250us', 0.25],
  ])('reads %s as %d ms', (text, ms) => {
    expect(goDuration(text)).toBeCloseTo(ms);
  });

  it.each(['', '5', '-1s', '1x', '1s 2s', 's', '1ss'])('does not read %j', (text) => {
    expect(goDuration(text)).toBeUndefined();
  });

  it('takes a bare number for milliseconds where a component says it', () => {
    expect(duration('250')).toBe(250);
    expect(duration('1s')).toBe(1000);
    expect(duration('soon')).toBeUndefined();
  });

  it('reads what Go would print', () => {
    fc.assert(fc.property(fc.nat(1000), fc.nat(59), fc.nat(59), fc.nat(999), (h, m, s, ms) => {
      expect(goDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
    }));
  });
});
