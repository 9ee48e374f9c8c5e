import { crc32c } from './crc32c.ts';
import { CODECS, type Codec } from './compression.ts';
import { MalformedFrame, Reader, Writer } from './wire.ts';

/** Where a record batch of format 2 keeps what (kafka.apache.org/documentation, "Record Batch"). Bytes before `attributes` are outside the CRC. */
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** baseOffset and length themselves: what comes before the bytes that `length` counts. */
const BATCH_PREFIX = 12;
const MAGIC = 2;
const CODEC_BITS = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

export interface RecordHeader {
  key: string;
  value: Buffer | null;
}

/** A record to be written. `timestamp` in milliseconds since the epoch. */
export interface NewRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers?: readonly RecordHeader[];
  timestamp: number;
}

/** A record as read. Buffers are views on the batch: copy what must outlive it. Offsets are safe integers (2^53 records are not reached). */
export interface KafkaRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly RecordHeader[];
}

export interface BatchHeader {
  baseOffset: number;
  lastOffset: number;
  /** Whole batch in bytes, with its prefix. */
  size: number;
  leaderEpoch: number;
  codec: number;
  transactional: boolean;
  control: boolean;
  /** The broker's clock: every record then has `maxTimestamp`. */
  logAppendTime: boolean;
  baseTimestamp: number;
  maxTimestamp: number;
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  count: number;
}

/** A 64-bit number that fits into a double; offsets and timestamps do. */
export function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/**
 * Size in bytes of the batch that begins at `at`, or 0 when it does not end within `bytes`: a broker cuts the last
 * batch of a fetch where its limit falls. Throws MalformedFrame for sizes and formats that cannot be.
 */
export function batchSize(bytes: Buffer, at: number, end = bytes.length): number {
  if (end - at < BATCH_PREFIX) return 0;
  const size = BATCH_PREFIX + bytes.readInt32BE(at + BATCH.length);
  if (size < BATCH.records) throw new MalformedFrame(`record batch of ${size} bytes`);
  if (size > end - at) return 0;
  const magic = bytes[at + BATCH.magic];
  if (magic !== MAGIC) throw new MalformedFrame(`record format ${magic}; only ${MAGIC} is read (Kafka 0.11 and later)`);
  return size;
}

/** Offset after the last one of the batch at `at`. Compaction removes records but keeps this, so a reader goes on from here. */
export function nextOffset(bytes: Buffer, at: number): number {
  return readLong(bytes, at) + bytes.readInt32BE(at + BATCH.lastOffsetDelta) + 1;
}

/** True when the batch's CRC agrees with its content. `batchSize` must have accepted it. */
export function batchIntact(bytes: Buffer, at: number): boolean {
  return crc32c(bytes, at + BATCH.attributes, at + BATCH_PREFIX + bytes.readInt32BE(at + BATCH.length)) === bytes.readUInt32BE(at + BATCH.crc);
}

/** True for the batches in which transactions end: they hold no record of anybody's. */
export function isControl(bytes: Buffer, at: number): boolean {
  return ((bytes[at + BATCH.attributes + 1] as number) & CONTROL) !== 0;
}

/** Codec id of the batch at `at`. */
export function codecId(bytes: Buffer, at: number): number {
  return (bytes[at + BATCH.attributes + 1] as number) & CODEC_BITS;
}

/** The header of the batch at `at` as an object; `batchSize` must have accepted it. */
export function readBatchHeader(bytes: Buffer, at: number): BatchHeader {
  const attributes = bytes.readInt16BE(at + BATCH.attributes);
  const baseOffset = readLong(bytes, at);
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + BATCH.lastOffsetDelta),
    size: BATCH_PREFIX + bytes.readInt32BE(at + BATCH.length),
    leaderEpoch: bytes.readInt32BE(at + BATCH.leaderEpoch),
    codec: attributes & CODEC_BITS,
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    logAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
    baseTimestamp: readLong(bytes, at + BATCH.baseTimestamp),
    maxTimestamp: readLong(bytes, at + BATCH.maxTimestamp),
    producerId: readLong(bytes, at + BATCH.producerId),
    producerEpoch: bytes.readInt16BE(at + BATCH.producerEpoch),
    baseSequence: bytes.readInt32BE(at + BATCH.baseSequence),
    count: bytes.readInt32BE(at + BATCH.count),
  };
}

/** The unpacked records of the batch at `at`: a view when it is not compressed. */
export function recordBytes(bytes: Buffer, at: number, codec: Codec): Buffer {
  const packed = bytes.subarray(at + BATCH.records, at + BATCH_PREFIX + bytes.readInt32BE(at + BATCH.length));
  return codec.id === 0 ? packed : codec.decompress(packed);
}

/** The records of the batch at `at`, in order; none for a control batch. `codec` must be the batch's own (see codecId). */
export function* readRecords(bytes: Buffer, at: number, codec: Codec): Generator<KafkaRecord> {
  const header = readBatchHeader(bytes, at);
  if (header.control) return;
  if (header.codec !== codec.id) throw new MalformedFrame(`batch is ${CODECS[header.codec] ?? header.codec}, not ${CODECS[codec.id]}`);
  const reader = new Reader(recordBytes(bytes, at, codec));
  for (let read = 0; read < header.count; read++) {
    const length = reader.varint();
    const end = reader.take(length) + length;
    reader.offset = end - length;
    reader.int8();
    const timestamp = header.baseTimestamp + Number(reader.varlong());
    const offset = header.baseOffset + reader.varint();
    const key = varBytes(reader);
    const value = varBytes(reader);
    const headers = readHeaders(reader);
    if (reader.offset !== end) throw new MalformedFrame(`record of ${length} bytes holds ${length + reader.offset - end}`);
    yield { offset, timestamp: header.logAppendTime ? header.maxTimestamp : timestamp, key, value, headers };
  }
}

function readHeaders(reader: Reader): RecordHeader[] {
  const count = reader.varint();
  if (count < 0 || count > reader.left) throw new MalformedFrame(`${count} headers`);
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count; i++) headers.push({ key: (varBytes(reader) ?? Buffer.alloc(0)).toString(), value: varBytes(reader) });
  return headers;
}

function varBytes(reader: Reader): Buffer | null {
  const length = reader.varint();
  if (length < 0) return null;
  const at = reader.take(length);
  return reader.bytes.subarray(at, at + length);
}

export interface BatchOptions {
  codec?: Codec;
  baseOffset?: number;
  /** Idempotent producers only; -1 elsewhere. */
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  /** Sets the attribute that marks a transaction's end. Brokers write those; tests need them. */
  control?: boolean;
  /** Offset deltas of the records, where compaction left gaps. Brokers keep those; tests need them. */
  deltas?: readonly number[];
}

/** Encodes a batch of at least one record as Produce wants it and a broker stores it. */
export function encodeBatch(records: readonly NewRecord[], options: BatchOptions = {}): Buffer {
  const first = records[0];
  if (!first) throw new RangeError('a record batch holds at least one record');
  const { codec, deltas } = options;
  const maxTimestamp = records.reduce((max, record) => Math.max(max, record.timestamp), first.timestamp);
  const body = new Writer(records.length * 128);
  const scratch = new Writer();
  records.forEach((record, index) => {
    writeRecord(scratch.reset(), record, record.timestamp - first.timestamp, deltas?.[index] ?? index);
    body.varint(scratch.length).raw(scratch.done());
  });
  const packed = codec ? codec.compress(body.done()) : body.done();
  const batch = new Writer(BATCH.records + packed.length)
    .int64(BigInt(options.baseOffset ?? 0))
    .int32(BATCH.records - BATCH_PREFIX + packed.length)
    .int32(-1)
    .int8(MAGIC)
    .uint32(0)
    .int16((codec?.id ?? 0) | (options.control ? CONTROL : 0))
    .int32(deltas?.at(-1) ?? records.length - 1)
    .int64(BigInt(first.timestamp))
    .int64(BigInt(maxTimestamp))
    .int64(BigInt(options.producerId ?? -1))
    .int16(options.producerEpoch ?? -1)
    .int32(options.baseSequence ?? -1)
    .int32(records.length)
    .raw(packed);
  return batch.patchUint32(BATCH.crc, crc32c(batch.done(), BATCH.attributes)).done();
}

function writeRecord(writer: Writer, record: NewRecord, timestampDelta: number, offsetDelta: number): void {
  writer.int8(0).varlong(BigInt(timestampDelta)).varint(offsetDelta);
  writeVarBytes(writer, record.key);
  writeVarBytes(writer, record.value);
  const headers = record.headers ?? [];
  writer.varint(headers.length);
  for (const { key, value } of headers) {
    writeVarBytes(writer, Buffer.from(key));
    writeVarBytes(writer, value);
  }
}

function writeVarBytes(writer: Writer, value: Buffer | null): void {
  if (value === null) writer.varint(-1);
  else writer.varint(value.length).raw(value);
}
