import { ApiKey } from '../api-keys.ts';
import type { Api } from './api.ts';

export interface FetchPosition {
  partition: number;
  /** Offset to begin at. */
  offset: number;
}

export interface FetchRequest {
  /** Milliseconds that the broker may wait for `minBytes`. */
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number;
  partitionMaxBytes: number;
  topics: readonly { topic: string; partitions: readonly FetchPosition[] }[];
}

export interface FetchedPartition {
  topic: string;
  partition: number;
  error: number;
  highWatermark: number;
  /** Record batches, the last perhaps cut; a view on the frame. */
  records: Buffer;
}

const NO_RECORDS = Buffer.alloc(0);

/** Reads record batches. No fetch session (id 0, epoch -1): each request says all that it wants, so a lost connection loses no state. */
export const fetch: Api<FetchRequest, { error: number; partitions: FetchedPartition[] }> = {
  name: 'Fetch',
  key: ApiKey.fetch,
  min: 4,
  max: 12,
  flexible: 12,
  encode(writer, request, version) {
    const flexible = version >= this.flexible;
    writer.int32(-1).int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes).int8(0);
    if (version >= 7) writer.int32(0).int32(-1);
    const partition = (position: FetchPosition): void => {
      writer.int32(position.partition);
      if (version >= 9) writer.int32(-1);
      writer.int64(BigInt(position.offset));
      if (version >= 12) writer.int32(-1);
      if (version >= 5) writer.int64(-1n);
      writer.int32(request.partitionMaxBytes);
      if (flexible) writer.tags();
    };
    const topic = (wanted: FetchRequest['topics'][number]): void => {
      if (flexible) writer.compactString(wanted.topic).compactArray(wanted.partitions, partition).tags();
      else writer.string(wanted.topic).array(wanted.partitions, partition);
    };
    if (flexible) writer.compactArray(request.topics, topic).compactArray([], () => undefined).compactString('').tags();
    else {
      writer.array(request.topics, topic);
      if (version >= 7) writer.array([], () => undefined);
      if (version >= 11) writer.string('');
    }
  },
  decode(reader, version) {
    const flexible = version >= this.flexible;
    const array = <T>(item: () => T): T[] => (flexible ? reader.compactArray(item) : reader.array(item));
    const end = (): void => {
      if (flexible) reader.tags();
    };
    reader.int32();
    let error = 0;
    if (version >= 7) {
      error = reader.int16();
      reader.int32();
    }
    const topics = array(() => {
      const topic = flexible ? reader.compactString() : reader.string();
      const partitions = array((): FetchedPartition => {
        const head = { topic, partition: reader.int32(), error: reader.int16(), highWatermark: Number(reader.int64()) };
        reader.int64();
        if (version >= 5) reader.int64();
        array(() => {
          reader.int64();
          reader.int64();
          end();
        });
        if (version >= 11) reader.int32();
        const records = (flexible ? reader.compactNullableBytes() : reader.nullableBytes()) ?? NO_RECORDS;
        end();
        return { ...head, records };
      });
      end();
      return partitions;
    });
    return { error, partitions: topics.flat() };
  },
};
