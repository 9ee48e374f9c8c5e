import { batchesOf, type Chunk, type Codecs } from './chunk.ts';
import { BATCH, recordBytes } from './record-batch.ts';
import { MalformedFrame } from './wire.ts';

/** A growing run of bytes that someone writes out now and then. */
export interface ByteSink {
  bytes: Buffer;
  used: number;
  /** Makes sure that `length` more bytes fit; `bytes` may be another buffer afterwards. */
  reserve(length: number): void;
}

const NEWLINE = 10;

/**
 * Appends the value of every wanted record of a chunk and a newline each, and returns how many. This is the hot path of
 * `events tail --format raw`: no object is made per record, a value is copied once, and CRCs are left to the broker and
 * TCP as in kcat (they would take as long as all the rest together). A tombstone is an empty line.
 */
export function copyValues(chunk: Chunk, codecs: Codecs, sink: ByteSink): number {
  let copied = 0;
  for (const { at, partial } of batchesOf(chunk, false)) {
    const records = recordBytes(chunk.bytes, at, codecs.of(chunk.bytes, at));
    const count = chunk.bytes.readInt32BE(at + BATCH.count);
    const base = chunk.bytes.readInt32BE(at) * 0x1_0000_0000 + chunk.bytes.readUInt32BE(at + 4);
    // Values are shorter than what holds them, and each record is at least as long as its newline.
    sink.reserve(records.length + count);
    copied += copyBatch(records, count, sink, partial ? chunk.from - base : 0, partial ? chunk.until - base : Infinity);
  }
  return copied;
}

/** Where reading is. A plain object that leaves no function stays in registers; a variable shared with a closure does not. */
interface Cursor {
  at: number;
}

/** Copies the values of records whose offset delta is in [first, last). */
function copyBatch(records: Buffer, count: number, sink: ByteSink, first: number, last: number): number {
  const out = sink.bytes;
  const end = records.length;
  const cursor: Cursor = { at: 0 };
  let used = sink.used;
  let copied = 0;
  for (let read = 0; read < count; read++) {
    const length = varint(records, cursor);
    const next = cursor.at + length;
    if (!(length > 0 && next <= end)) throw new MalformedFrame(`record of ${length} bytes, ${end - cursor.at} left`);
    cursor.at++;
    varint(records, cursor);
    const delta = varint(records, cursor);
    const key = varint(records, cursor);
    if (key > 0) cursor.at += key;
    const size = Math.max(0, varint(records, cursor));
    const { at } = cursor;
    if (!(at + size <= next)) throw new MalformedFrame(`value of ${size} bytes, ${next - at} left`);
    if (delta >= first && delta < last) {
      records.copy(out, used, at, at + size);
      used += size;
      out[used++] = NEWLINE;
      copied++;
    }
    cursor.at = next;
  }
  sink.used = used;
  return copied;
}

/** A zig-zag varint. Of one of 64 bits (a timestamp) only the length is right. */
function varint(bytes: Buffer, cursor: Cursor): number {
  let at = cursor.at;
  let byte = bytes[at++] as number;
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[at++] as number;
    value |= (byte & 0x7f) << shift;
  }
  cursor.at = at;
  return (value >>> 1) ^ -(value & 1);
}
