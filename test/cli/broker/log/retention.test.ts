import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expired } from '../../../../cli/broker/log/retention.ts';

const forEver = { retentionMs: -1, retentionBytes: -1 };
const segment = (size: number, latest: number): { size: number; latest: number } => ({ size, latest });

describe('retention', () => {
  it('keeps everything when nothing is limited', () => {
    expect(expired([segment(100, 0), segment(100, 1)], 1e12, forEver)).toBe(0);
  });

  it('lets segments go whose records are all too old, oldest first', () => {
    const segments = [segment(10, 100), segment(10, 200), segment(10, 300)];
    expect([299, 301, 500, 9999].map((now) => expired(segments, now, { ...forEver, retentionMs: 200 }))).toEqual([0, 1, 2, 3]);
  });

  it('keeps an old segment that stands behind a young one', () => {
    expect(expired([segment(10, 900), segment(10, 100)], 1000, { ...forEver, retentionMs: 200 })).toBe(0);
  });

  it('keeps an empty segment: it has no time', () => {
    expect(expired([segment(0, -1)], 1000, { ...forEver, retentionMs: 0 })).toBe(0);
  });

  it('lets segments go as long as the rest is still as large as the limit', () => {
    const segments = [segment(50, 1), segment(50, 2), segment(50, 3)];
    expect([200, 150, 100, 99, 50, 1].map((retentionBytes) => expired(segments, 4, { ...forEver, retentionBytes }))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('never keeps less than the limit in bytes, and never removes what is young enough for both', () => {
    const drawn = fc.array(fc.record({ size: fc.integer({ min: 1, max: 100 }), latest: fc.nat({ max: 1000 }) }), { maxLength: 20 });
    fc.assert(
      fc.property(drawn, fc.nat({ max: 1500 }), (segments, retentionBytes) => {
        const gone = expired(segments, 1000, { ...forEver, retentionBytes });
        const left = segments.slice(gone).reduce((sum, { size }) => sum + size, 0);
        if (gone > 0) expect(left).toBeGreaterThanOrEqual(retentionBytes);
      }),
    );
  });
});
