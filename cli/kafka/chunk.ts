import { type Codec, loadCodec } from './compression.ts';
import { partitionKey, type TopicPartition } from './offsets.ts';
import { batchIntact, batchSize, codecId, isControl, type KafkaRecord, nextOffset, readLong, readRecords } from './record-batch.ts';
import { MalformedFrame } from './wire.ts';

/** Whole record batches of one partition as they came; a view on a frame, gone when its reader goes on. */
export interface Chunk extends TopicPartition {
  bytes: Buffer;
  /** Records below this offset were not asked for: a broker answers with the whole batch that holds an offset. */
  from: number;
  /** Records from this offset on are not wanted. */
  until: number;
}

/** Codecs that were needed so far. Loading is asynchronous, reading records is not. */
export class Codecs {
  readonly #loaded: (Codec | undefined)[] = [];

  /** Loads what the batches of `bytes` need. */
  async prepare(bytes: Buffer): Promise<void> {
    for (let at = 0, size = batchSize(bytes, 0); size > 0; at += size, size = batchSize(bytes, at)) {
      const id = codecId(bytes, at);
      this.#loaded[id] ??= await loadCodec(id);
    }
  }

  /** The codec of the batch at `at`; `prepare` must have seen it. */
  of(bytes: Buffer, at: number): Codec {
    return this.#loaded[codecId(bytes, at)] as Codec;
  }
}

/** Where a batch of a chunk lies. */
export interface BatchPlace {
  at: number;
  /** False when every record of the batch is wanted, so that nobody needs to look at offsets. */
  partial: boolean;
}

/** The wanted batches of a chunk, control batches left out. With `verify`, throws MalformedFrame for one whose CRC is wrong. */
export function* batchesOf(chunk: Chunk, verify: boolean): Generator<BatchPlace> {
  const { bytes, from, until } = chunk;
  for (let at = 0, size = batchSize(bytes, 0); size > 0; at += size, size = batchSize(bytes, at)) {
    const base = readLong(bytes, at);
    const next = nextOffset(bytes, at);
    if (next <= from || base >= until || isControl(bytes, at)) continue;
    if (verify && !batchIntact(bytes, at)) throw new MalformedFrame(`batch at offset ${base} of ${partitionKey(chunk)} is damaged: its CRC is wrong`);
    yield { at, partial: base < from || next > until };
  }
}

/** The wanted records of a chunk, in order. */
export function* recordsOf(chunk: Chunk, codecs: Codecs): Generator<KafkaRecord> {
  const { bytes, from, until } = chunk;
  for (const { at, partial } of batchesOf(chunk, true)) {
    for (const record of readRecords(bytes, at, codecs.of(bytes, at))) {
      if (!partial || (record.offset >= from && record.offset < until)) yield record;
    }
  }
}
