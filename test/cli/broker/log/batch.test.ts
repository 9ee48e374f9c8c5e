import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBatch, headerAt, place } from '../../../../cli/broker/log/batch.ts';
import { BATCH, batchIntact, encodeBatch } from '../../../../cli/kafka/record-batch.ts';

const batch = (...values: string[]): Buffer => encodeBatch(values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1000 })));

describe('what a Produce request may hold', () => {
  it('is one whole, right batch', () => {
    expect(checkBatch(batch('a', 'b'), 1000)).toMatchObject({ baseOffset: 0, lastOffset: 1, count: 2, maxTimestamp: 1000, producerId: -1 });
  });

  it.each([
    ['a batch with another checksum', 'corrupt', () => flip(batch('a'), BATCH.crc)],
    ['a batch with other content', 'corrupt', () => flip(batch('a'), BATCH.records + 3)],
    ['half a batch', 'corrupt', () => batch('a').subarray(0, 65)],
    ['half a header', 'corrupt', () => batch('a').subarray(0, 30)],
    ['a few bytes', 'corrupt', () => Buffer.from('abc')],
    ['two batches', 'not-one-batch', () => Buffer.concat([batch('a'), batch('b')])],
    ['an old message set', 'unsupported-format', () => write(batch('a'), (bytes) => bytes.writeInt8(1, BATCH.magic))],
    ['a batch that is too large', 'too-large', () => batch('x'.repeat(2000))],
    ['the end of a transaction', 'unsupported-transaction', () => encodeBatch([{ key: null, value: null, timestamp: 0 }], { control: true })],
    ['a batch whose offsets have gaps', 'corrupt', () => encodeBatch([{ key: null, value: null, timestamp: 0 }], { deltas: [5] })],
    ['a size below the header', 'corrupt', () => write(batch('a'), (bytes) => bytes.writeInt32BE(3, BATCH.length))],
    ['a negative size', 'corrupt', () => write(batch('a'), (bytes) => bytes.writeInt32BE(-3, BATCH.length))],
  ])('is not %s (%s)', (_, fault, make) => {
    expect(checkBatch(make(), 1000)).toBe(fault);
  });

  it('is never bytes by chance', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void expect(typeof checkBatch(Buffer.from(bytes), 1000)).toBe('string')));
  });

  it('is found out when any one of its bytes behind the checksum was changed', () => {
    const whole = batch('some', 'records');
    for (let at = BATCH.attributes; at < whole.length; at++) expect(typeof checkBatch(flip(Buffer.from(whole), at), 1000)).toBe('string');
  });
});

describe('placing a batch', () => {
  it('sets offset and epoch and leaves the checksum right', () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER - 10 }), (offset) => {
        const placed = batch('a', 'b', 'c');
        place(placed, offset, 0);
        expect(headerAt(placed, 0)).toMatchObject({ baseOffset: offset, lastOffset: offset + 2, leaderEpoch: 0 });
        expect(batchIntact(placed, 0)).toBe(true);
      }),
    );
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] as number) ^ 0x40;
  return bytes;
}

function write(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(bytes);
  return bytes;
}
