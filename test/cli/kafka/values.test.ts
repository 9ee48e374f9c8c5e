import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchesOf, type Chunk, Codecs, recordsOf } from '../../../cli/kafka/chunk.ts';
import { CODECS, loadCodec } from '../../../cli/kafka/compression.ts';
import { BATCH, encodeBatch, type NewRecord } from '../../../cli/kafka/record-batch.ts';
import { type ByteSink, copyValues } from '../../../cli/kafka/values.ts';
import { MalformedFrame } from '../../../cli/kafka/wire.ts';

const codecs = await Promise.all(CODECS.map((_, id) => loadCodec(id)));

/** A sink that makes room only when asked, and no more than asked for. */
function tightSink(): ByteSink & { text(): string } {
  return {
    bytes: Buffer.alloc(0),
    used: 0,
    reserve(length) {
      if (this.bytes.length - this.used >= length) return;
      const grown = Buffer.alloc(this.used + length);
      this.bytes.copy(grown, 0, 0, this.used);
      this.bytes = grown;
    },
    text() {
      return this.bytes.toString('latin1', 0, this.used);
    },
  };
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<NewRecord> = fc.record({
  key: fc.option(bytes(200)),
  value: fc.option(bytes(200)),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 70 }), value: fc.option(bytes(20)) }), { maxLength: 2 }),
  timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
});
const batches = fc.array(fc.record({ records: fc.array(record, { minLength: 1, maxLength: 10 }), codec: fc.constantFrom(...codecs), control: fc.boolean() }), { maxLength: 5 });

function chunkOf(all: readonly { records: NewRecord[]; codec: (typeof codecs)[0]; control: boolean }[], from: number, until: number): Chunk {
  let baseOffset = 0;
  const encoded = all.map(({ records, codec, control }) => {
    const batch = encodeBatch(records, { codec, control, baseOffset });
    baseOffset += records.length;
    return batch;
  });
  return { topic: 't', partition: 0, bytes: Buffer.concat(encoded), from, until };
}

test('the fast way and the way by objects give the same, for any batches and bounds', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(60), fc.oneof(fc.nat(60), fc.constant(Infinity)), async (all, from, until) => {
      const chunk = chunkOf(all, from, until);
      const shelf = new Codecs();
      await shelf.prepare(chunk.bytes);
      const sink = tightSink();
      const copied = copyValues(chunk, shelf, sink);
      const slow = [...recordsOf(chunk, shelf)].map(({ value }) => value?.toString('latin1') ?? '');
      expect(sink.text()).toBe(slow.map((line) => `${line}\n`).join(''));
      expect(copied).toBe(slow.length);
    }),
  );
});

describe('records that say what cannot be', () => {
  const whole = encodeBatch([{ key: Buffer.from('k'), value: Buffer.from('value'), headers: [], timestamp: 0 }]);
  const broken = (place: number, byte: number): Chunk => {
    const copy = Buffer.from(whole);
    copy[BATCH.records + place] = byte;
    return { topic: 't', partition: 3, bytes: copy, from: 0, until: Infinity };
  };
  const copy = async (chunk: Chunk): Promise<number> => {
    const shelf = new Codecs();
    await shelf.prepare(chunk.bytes);
    return copyValues(chunk, shelf, tightSink());
  };

  test.each([
    ['longer than the batch', 0, 126, 'record of 63 bytes, 12 left'],
    ['of no length', 0, 0, 'record of 0 bytes, 12 left'],
    ['with a value past its end', 6, 60, 'value of 30 bytes'],
  ])('%s are refused', async (_, place, byte, message) => {
    await expect(copy(broken(place, byte))).rejects.toThrow(message);
  });

  test('of any bytes never leave the batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.nat(255), async (place, byte) => {
        await copy(broken(place, byte)).catch((error: unknown) => expect(error).toBeInstanceOf(MalformedFrame));
      }),
      { numRuns: 300 },
    );
  });

  test('are found by their CRC on the way by objects, with offset and place', async () => {
    const chunk = broken(8, 7);
    const shelf = new Codecs();
    await shelf.prepare(chunk.bytes);
    expect(() => [...recordsOf(chunk, shelf)]).toThrow('batch at offset 0 of t/3 is damaged: its CRC is wrong');
    expect([...batchesOf(chunk, false)]).toEqual([{ at: 0, partial: false }]);
  });
});
