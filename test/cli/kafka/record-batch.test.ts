import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODECS, loadCodec } from '../../../cli/kafka/compression.ts';
import {
  BATCH, batchIntact, batchSize, codecId, encodeBatch, isControl, type NewRecord, nextOffset, readBatchHeader, readRecords,
} from '../../../cli/kafka/record-batch.ts';
import { MalformedFrame } from '../../../cli/kafka/wire.ts';

const none = await loadCodec(0);
const codecs = await Promise.all(CODECS.map((_, id) => loadCodec(id)));

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const anyRecord: fc.Arbitrary<NewRecord> = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 10 }), value: fc.option(bytes) }), { maxLength: 3 }),
  timestamp: fc.integer({ min: 0, max: 4_102_444_800_000 }),
});

describe('a batch', () => {
  test('gives back its records with every codec', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), fc.constantFrom(...codecs), fc.nat(2 ** 40), (records, codec, baseOffset) => {
        const batch = encodeBatch(records, { codec, baseOffset });
        expect([...readRecords(batch, 0, codec)]).toEqual(records.map((record, index) => ({ ...record, offset: baseOffset + index })));
        expect(batchSize(batch, 0)).toBe(batch.length);
        expect(nextOffset(batch, 0)).toBe(baseOffset + records.length);
        expect(codecId(batch, 0)).toBe(codec.id);
        expect(batchIntact(batch, 0)).toBe(true);
      }),
    );
  });

  test('keeps the gaps that compaction leaves', () => {
    const batch = encodeBatch([at(1), at(2), at(3)], { baseOffset: 100, deltas: [0, 7, 40] });
    expect([...readRecords(batch, 0, none)].map(({ offset }) => offset)).toEqual([100, 107, 140]);
    expect(nextOffset(batch, 0)).toBe(141);
  });

  test('says what it is in its header', () => {
    const batch = encodeBatch([at(2000), at(1000), at(3000)], { baseOffset: 5, producerId: 9, producerEpoch: 2, baseSequence: 4 });
    expect(readBatchHeader(batch, 0)).toEqual({
      baseOffset: 5, lastOffset: 7, size: batch.length, leaderEpoch: -1, codec: 0, transactional: false, control: false, logAppendTime: false,
      baseTimestamp: 2000, maxTimestamp: 3000, producerId: 9, producerEpoch: 2, baseSequence: 4, count: 3,
    });
  });

  test('that ends a transaction holds no record of anybody', () => {
    const batch = encodeBatch([at(1)], { control: true });
    expect(isControl(batch, 0)).toBe(true);
    expect([...readRecords(batch, 0, none)]).toEqual([]);
  });

  test('with the broker’s clock has one time for all', () => {
    const batch = encodeBatch([at(1000), at(5000)]);
    batch.writeInt16BE(0x08, BATCH.attributes);
    expect([...readRecords(batch, 0, none)].map(({ timestamp }) => timestamp)).toEqual([5000, 5000]);
  });

  test('is damaged when a bit of it is, wherever that is', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(7), (records, place, bit) => {
        const batch = encodeBatch(records);
        const at = BATCH.attributes + (place % (batch.length - BATCH.attributes));
        batch[at] = (batch[at] as number) ^ (1 << bit);
        expect(batchIntact(batch, 0)).toBe(false);
      }),
    );
  });

  test('of no record cannot be', () => {
    expect(() => encodeBatch([])).toThrow(RangeError);
  });
});

test('Kafka’s own bytes are read: a batch that the Java client wrote', () => {
  // Fetched from Apache Kafka 4.3.1 after its console producer had sent key k1, value hello.
  const batch = Buffer.from(
    '00000000000000000000003f0000000002870cae43000000000000000001a1fe9071ef000001a1fe9071ef0000000000000000000000000000000000011a000000046b310a68656c6c6f00',
    'hex',
  );
  expect(batchIntact(batch, 0)).toBe(true);
  expect([...readRecords(batch, 0, none)]).toEqual([{ offset: 0, timestamp: 0x1a1fe9071ef, key: Buffer.from('k1'), value: Buffer.from('hello'), headers: [] }]);
});

describe('what came cut or broken', () => {
  const batch = encodeBatch([at(1), at(2)], { baseOffset: 3 });

  test('a batch that a fetch cut short is not there yet', () => {
    for (let length = 0; length < batch.length; length++) expect(batchSize(batch.subarray(0, length), 0)).toBe(0);
  });

  test('a size that cannot be is refused', () => {
    const wrong = Buffer.from(batch);
    wrong.writeInt32BE(-5, BATCH.length);
    expect(() => batchSize(wrong, 0)).toThrow('record batch of 7 bytes');
  });

  test('the formats before Kafka 0.11 are refused by name', () => {
    const old = Buffer.from(batch);
    old[BATCH.magic] = 1;
    expect(() => batchSize(old, 0)).toThrow('record format 1; only 2 is read (Kafka 0.11 and later)');
  });

  test('any broken records are refused or read, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(40), (noise, at) => {
        const wrong = Buffer.from(batch);
        noise.forEach((byte, index) => {
          const place = BATCH.count + at + index;
          if (place < wrong.length) wrong[place] = byte;
        });
        try {
          for (const record of readRecords(wrong, 0, none)) expect(record.offset).toBeTypeOf('number');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('another codec than the batch’s own is refused', () => {
    expect(() => [...readRecords(batch, 0, codecs[1] as (typeof codecs)[0])]).toThrow('batch is none, not gzip');
  });
});

function at(timestamp: number): NewRecord {
  return { key: null, value: Buffer.from(String(timestamp)), headers: [], timestamp };
}
