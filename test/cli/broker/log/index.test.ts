import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentIndex } from '../../../../cli/broker/log/index.ts';

/** Batches of one log: sizes and record counts as drawn, times in any order. */
const batches = fc.array(fc.record({ size: fc.integer({ min: 61, max: 40_000 }), count: fc.integer({ min: 1, max: 50 }), maxTimestamp: fc.integer({ min: 0, max: 1000 }) }), { minLength: 1, maxLength: 60 });

interface Placed {
  baseOffset: number;
  lastOffset: number;
  position: number;
  size: number;
  maxTimestamp: number;
}

function fill(base: number, drawn: readonly { size: number; count: number; maxTimestamp: number }[]): { index: SegmentIndex; placed: Placed[] } {
  const index = new SegmentIndex(base);
  const placed = drawn.map(({ size, count, maxTimestamp }) => {
    const batch = { baseOffset: index.nextOffset, lastOffset: index.nextOffset + count - 1, position: index.size, size, maxTimestamp };
    index.add(batch);
    return batch;
  });
  return { index, placed };
}

describe('the index of a segment', () => {
  it('never points behind the batch that is looked for', () => {
    fc.assert(
      fc.property(batches, fc.nat({ max: 5000 }), (drawn, base) => {
        const { index, placed } = fill(base, drawn);
        for (const batch of placed) {
          for (const offset of [batch.baseOffset, batch.lastOffset]) {
            const from = index.positionFor(offset);
            expect(from).toBeLessThanOrEqual(batch.position);
            expect(placed.some(({ position }) => position === from)).toBe(true);
          }
        }
      }),
    );
  });

  it('never points behind the first batch that is not older than a time', () => {
    fc.assert(
      fc.property(batches, fc.nat({ max: 1100 }), (drawn, time) => {
        const { index, placed } = fill(0, drawn);
        const first = placed.find(({ maxTimestamp }) => maxTimestamp >= time);
        if (first) expect(index.positionForTime(time)).toBeLessThanOrEqual(first.position);
        expect(index.latest >= time).toBe(first !== undefined);
      }),
    );
  });

  it('points within 16 kB and a batch, so that a look-up stays short', () => {
    const { index, placed } = fill(0, Array.from({ length: 1000 }, () => ({ size: 300, count: 1, maxTimestamp: 1 })));
    for (const { baseOffset, position } of placed) expect(position - index.positionFor(baseOffset)).toBeLessThan(16 * 1024 + 300);
  });

  it('is the same after it was written down and read', () => {
    fc.assert(
      fc.property(batches, (drawn) => {
        const { index } = fill(7, drawn);
        const read = SegmentIndex.parse(JSON.stringify(index), index.size);
        expect(read).toEqual(index);
        expect(read?.nextOffset).toBe(index.nextOffset);
      }),
    );
  });

  it.each([
    ['of a segment of another length', (text: string) => ({ text, size: 12 })],
    ['that is cut', (text: string) => ({ text: text.slice(0, -5), size: 300 })],
    ['of a later version', (text: string) => ({ text: text.replace('"version":1', '"version":2'), size: 300 })],
  ])('does not believe one %s', (_, spoil) => {
    const { index } = fill(0, [{ size: 300, count: 1, maxTimestamp: 1 }]);
    expect(SegmentIndex.parse(JSON.stringify(index), 300)).toBeDefined();
    const { text, size } = spoil(JSON.stringify(index));
    expect(SegmentIndex.parse(text, size)).toBeUndefined();
  });
});
