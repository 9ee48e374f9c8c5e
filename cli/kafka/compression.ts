import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MalformedFrame } from './wire.ts';

/** Codecs by the id in a batch's attributes (kafka.apache.org/documentation, "Record Batch"). */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type CodecName = (typeof CODECS)[number];

export interface Codec {
  readonly id: number;
  compress(bytes: Buffer): Buffer;
  /** Throws MalformedFrame for garbage and for what would grow past MAX_UNCOMPRESSED. */
  decompress(bytes: Buffer): Buffer;
}

/** A batch that says it is larger than this when unpacked is refused: its size is the network's word. */
export const MAX_UNCOMPRESSED = 256 * 1024 * 1024;

/** The codec with this id. Snappy and LZ4 are WASM and load on first use, so that nobody else pays for them. */
export async function loadCodec(id: number): Promise<Codec> {
  switch (CODECS[id]) {
    case 'none':
      return { id, compress: (bytes) => bytes, decompress: (bytes) => bytes };
    case 'gzip':
      return { id, compress: (bytes) => gzipSync(bytes), decompress: guard((bytes) => gunzipSync(bytes, { maxOutputLength: MAX_UNCOMPRESSED })) };
    case 'zstd':
      return { id, compress: (bytes) => zstdCompressSync(bytes), decompress: guard((bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_UNCOMPRESSED })) };
    case 'snappy': {
      const { snappyCompress, snappyDecompress } = await import('@platformatic/wasm-utils');
      return { id, compress: (bytes) => xerialCompress(bytes, snappyCompress), decompress: guard((bytes) => xerialDecompress(bytes, snappyDecompress)) };
    }
    case 'lz4': {
      const { lz4Compress, lz4Decompress } = await import('@platformatic/wasm-utils');
      return {
        id,
        compress: (bytes) => lz4Compress(bytes),
        decompress: guard((bytes) => {
          refuseOver(lz4Bound(bytes));
          return lz4Decompress(bytes);
        }),
      };
    }
    default:
      throw new MalformedFrame(`compression ${id} is none of ${CODECS.join(', ')}`);
  }
}

function guard(decompress: (bytes: Buffer) => Buffer): (bytes: Buffer) => Buffer {
  return (bytes) => {
    try {
      return decompress(bytes);
    } catch (error) {
      if (error instanceof MalformedFrame) throw error;
      throw new MalformedFrame(`compressed records do not unpack: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
}

function refuseOver(size: number): void {
  if (size > MAX_UNCOMPRESSED) throw new MalformedFrame(`compressed records say they unpack to ${size} bytes, more than ${MAX_UNCOMPRESSED}`);
}

// snappy-java's stream format, which Kafka's Java client and Sarama write: magic, two versions, then blocks with a length.
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const XERIAL_BLOCK = 32 * 1024;

function xerialCompress(bytes: Buffer, block: (bytes: Buffer) => Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK) {
    const packed = block(bytes.subarray(at, at + XERIAL_BLOCK));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(packed.length);
    parts.push(length, packed);
  }
  return Buffer.concat(parts);
}

/** Takes both forms: xerial blocks, and the one bare block that librdkafka writes. */
function xerialDecompress(bytes: Buffer, block: (bytes: Buffer) => Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    refuseOver(snappySize(bytes));
    return block(bytes);
  }
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = XERIAL_HEADER.length; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new MalformedFrame('snappy block without a length');
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length <= 0 || at + length > bytes.length) throw new MalformedFrame(`snappy block of ${length} bytes, ${bytes.length - at} left`);
    const packed = bytes.subarray(at, at + length);
    total += snappySize(packed);
    refuseOver(total);
    parts.push(block(packed));
    at += length;
  }
  return Buffer.concat(parts);
}

/** A snappy block begins with its unpacked size. */
function snappySize(block: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw new MalformedFrame('snappy block without a size');
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_GROWTH = 255;

/** The most that an LZ4 frame can unpack to: per block its maximum size or 255 times its packed size, whichever is less. */
function lz4Bound(frame: Buffer): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== LZ4_MAGIC) throw new MalformedFrame('not an LZ4 frame');
  const flags = frame[4] as number;
  const largest = 2 ** (8 + 2 * (((frame[5] as number) >>> 4) & 7));
  const checksum = flags & 0x10 ? 4 : 0;
  let total = 0;
  for (let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0); at + 4 <= frame.length; ) {
    const word = frame.readUInt32LE(at);
    const size = word & 0x7fffffff;
    if (size === 0) break;
    total += word >= 0x80000000 ? size : Math.min(largest, size * LZ4_GROWTH);
    at += 4 + size + checksum;
  }
  return total;
}
