import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedFrame, Reader, Writer } from '../../../cli/kafka/wire.ts';

const again = <T>(write: (writer: Writer) => void, read: (reader: Reader) => T): T => {
  const writer = new Writer(1);
  write(writer);
  const reader = new Reader(Buffer.from(writer.done()));
  const value = read(reader);
  expect(reader.left).toBe(0);
  return value;
};

describe('what is written is read again', () => {
  test('integers of every width', () => {
    fc.assert(
      fc.property(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -32_768, max: 32_767 }), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (a, b, c, d) => {
        expect(again((w) => w.int8(a).int16(b).int32(c).int64(d), (r) => [r.int8(), r.int16(), r.int32(), r.int64()])).toEqual([a, b, c, d]);
      }),
    );
  });

  test('varints and varlongs', () => {
    fc.assert(
      fc.property(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (a, b, c) => {
        expect(again((w) => w.varint(a).varlong(b).uvarint(c), (r) => [r.varint(), r.varlong(), r.uvarint()])).toEqual([a, b, c]);
      }),
    );
  });

  test('strings in both forms, with null apart from empty', () => {
    const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(again((w) => w.string(a).compactString(b), (r) => [r.nullableString(), r.compactNullableString()])).toEqual([a, b]);
      }),
    );
  });

  test('bytes in both forms', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)));
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(again((w) => w.bytes(a).compactBytes(b), (r) => [r.nullableBytes(), r.compactNullableBytes()])).toEqual([a, b]);
      }),
    );
  });

  test('arrays in both forms', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const both = again(
          (w) => w.array(items, (item) => w.int32(item)).compactArray(items, (item) => w.int32(item)),
          (r) => [r.array(() => r.int32()), r.compactArray(() => r.int32())],
        );
        expect(both).toEqual([items, items]);
      }),
    );
  });
});

test('known encodings', () => {
  expect(new Writer().varint(-1).varint(1).varint(300).done().toString('hex')).toBe('0102d804');
  expect(new Writer().compactString('ab').compactString(null).tags().done().toString('hex')).toBe('0361620000');
});

test('a writer that was reset writes from the beginning', () => {
  const writer = new Writer().string('first');
  expect(writer.reset().int8(7).done()).toEqual(Buffer.from([7]));
});

test('a patch changes what was left open, also after the buffer has grown', () => {
  const writer = new Writer(4).int32(0);
  writer.raw(Buffer.alloc(1000, 1)).patchInt32(0, writer.length);
  expect(writer.done().readInt32BE(0)).toBe(1004);
});

test('tagged fields that nobody knows are passed over', () => {
  const writer = new Writer().uvarint(2).uvarint(0).uvarint(1).raw(Buffer.from('x')).uvarint(9).uvarint(2).raw(Buffer.from('yz')).int8(5);
  const reader = new Reader(writer.done());
  reader.tags();
  expect(reader.int8()).toBe(5);
});

describe('a hostile frame', () => {
  const reads: ((reader: Reader) => unknown)[] = [
    (r) => r.int64(), (r) => r.uvarint(), (r) => r.varlong(), (r) => r.string(), (r) => r.compactString(), (r) => r.nullableBytes(),
    (r) => r.compactNullableBytes(), (r) => r.array(() => r.string()), (r) => r.compactArray(() => r.int64()), (r) => r.tags(),
  ];

  test('of random bytes is read or refused, and never read past its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(...reads), (bytes, read) => {
        const reader = new Reader(Buffer.from(bytes));
        try {
          read(reader);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
        expect(reader.offset).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  test('that claims two thousand million items is refused before one is made', () => {
    expect(() => new Reader(Buffer.from('7fffffff00', 'hex')).array(() => 0)).toThrow('2147483647 items wanted, 1 bytes left');
  });

  test('with a null where there must be a string is refused', () => {
    expect(() => new Reader(Buffer.from('ffff', 'hex')).string()).toThrow(MalformedFrame);
  });

  test('with an endless varint is refused', () => {
    expect(() => new Reader(Buffer.alloc(16, 0xff)).uvarint()).toThrow('varint of more than 5 bytes');
    expect(() => new Reader(Buffer.alloc(16, 0xff)).varlong()).toThrow('varlong of more than 10 bytes');
  });
});
