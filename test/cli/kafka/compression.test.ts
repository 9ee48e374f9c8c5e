import fc from 'fast-check';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils';
import { describe, expect, test } from 'vitest';
import { type Codec, CODECS, loadCodec, MAX_UNCOMPRESSED } from '../../../cli/kafka/compression.ts';
import { MalformedFrame } from '../../../cli/kafka/wire.ts';

const codecs = await Promise.all(CODECS.map(async (name, id) => [name, await loadCodec(id)] as const));
const named = (name: string): Codec => codecs.find(([candidate]) => candidate === name)?.[1] as Codec;
const packing = codecs.filter(([name]) => name !== 'none');

describe.each(codecs)('%s', (_, codec) => {
  test('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 40 }), (bytes, times) => {
        const content = Buffer.concat(Array.from({ length: times }, () => Buffer.from(bytes)));
        expect(codec.decompress(codec.compress(content)).equals(content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe.each(packing)('%s', (_, codec) => {
  test('makes text smaller', () => {
    const text = Buffer.from('{"type":"task.created.v1"}'.repeat(1000));
    expect(codec.compress(text).length).toBeLessThan(text.length / 5);
  });

  test('refuses what it did not write, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        try {
          codec.decompress(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
      }),
    );
  });

  test('refuses its own output with the end cut off, and works after that', () => {
    const content = Buffer.from('some records '.repeat(100));
    const whole = codec.compress(content);
    expect(() => {
      const got = codec.decompress(whole.subarray(0, whole.length >> 1));
      // LZ4 frames without an end mark may give back what they held so far.
      if (got.length < content.length) throw new MalformedFrame('short');
    }).toThrow(MalformedFrame);
    expect(codec.decompress(whole).equals(content)).toBe(true);
  });
});

describe('snappy comes in two forms', () => {
  const content = Buffer.from('records of records '.repeat(10_000));

  test('one bare block, as librdkafka writes it', () => {
    expect(named('snappy').decompress(snappyCompress(content)).equals(content)).toBe(true);
  });

  test('xerial blocks, as Java and Sarama write them; so do we', () => {
    const written = named('snappy').compress(content);
    expect(written.subarray(1, 7).toString()).toBe('SNAPPY');
    expect(named('snappy').decompress(written).equals(content)).toBe(true);
  });
});

test('lz4 frames with and without a content size are read', () => {
  const content = Buffer.from('x'.repeat(300_000));
  expect(named('lz4').decompress(lz4Compress(content)).equals(content)).toBe(true);
});

describe('a small batch that would fill the memory is refused before it does', () => {
  const bomb = Buffer.alloc(MAX_UNCOMPRESSED + 1);

  test.each([
    ['gzip', () => gzipSync(bomb, { level: 1 })],
    ['zstd', () => zstdCompressSync(bomb)],
    ['lz4', () => lz4Bomb()],
    ['snappy', () => Buffer.concat([varint(MAX_UNCOMPRESSED + 1), Buffer.alloc(20)])],
    ['snappy in blocks', () => xerial([varint(MAX_UNCOMPRESSED), varint(MAX_UNCOMPRESSED)])],
  ])('%s', (name, packed) => {
    expect(() => named(name.split(' ')[0] as string).decompress(packed())).toThrow(MalformedFrame);
  });

  /** 80 blocks that each claim to be 4 MB. */
  function lz4Bomb(): Buffer {
    const block = Buffer.alloc(4 + 20_000);
    block.writeUInt32LE(20_000);
    return Buffer.concat([Buffer.from('04224d18607073', 'hex'), ...Array.from({ length: 80 }, () => block), Buffer.alloc(4)]);
  }
  function xerial(blocks: readonly Buffer[]): Buffer {
    const parts = blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(block.length);
      return [length, block];
    });
    return Buffer.concat([named('snappy').compress(Buffer.alloc(0)).subarray(0, 16), ...parts]);
  }
  function varint(value: number): Buffer {
    const bytes: number[] = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return Buffer.from([...bytes, rest]);
      bytes.push((rest % 128) | 128);
    }
  }
});

test('a codec that does not exist is refused by its number', async () => {
  await expect(loadCodec(7)).rejects.toThrow('compression 7 is none of none, gzip, snappy, lz4, zstd');
});
