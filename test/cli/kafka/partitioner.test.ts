import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOf, partitionOfKeyless } from '../../../cli/kafka/partitioner.ts';

const at = (key: string, partitions: number): number => partitionOf(Buffer.from(key), partitions);

test('puts a key where real daprd puts it, not where murmur2 would', () => {
  expect([at('k1', 3), at('k1', 4)]).toEqual([1, 3]);
});

test.each([
  // FNV-1a 32 of '' is 0x811c9dc5, as a signed number -2128831035; of 'a' 0xe40c292c, signed -468965076.
  ['', 3, 2128831035 % 3],
  ['a', 7, 468965076 % 7],
  // 'foobar' hashes to 0xbf9cf968 (published test vector), signed -1080231576.
  ['foobar', 10, 6],
])('drops the sign of the remainder: %j of %d', (key, partitions, expected) => {
  expect(at(key, partitions)).toBe(expected);
});

test('every key has one partition, and it exists', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
      const partition = partitionOf(key, partitions);
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      expect(partitionOf(key, partitions)).toBe(partition);
    }),
  );
});

test('records without a key go round', () => {
  expect([0, 1, 2, 3, 4].map((count) => partitionOfKeyless(count, 3))).toEqual([0, 1, 2, 0, 1]);
});
