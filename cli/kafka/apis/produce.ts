import { ApiKey } from '../api-keys.ts';
import { type Api, NEVER } from './api.ts';

export interface ProduceRequest {
  timeoutMs: number;
  topics: readonly { topic: string; partitions: readonly { partition: number; batch: Buffer }[] }[];
}

export interface ProducedPartition {
  topic: string;
  partition: number;
  error: number;
  baseOffset: number;
  message: string | null;
}

/** Appends record batches, acknowledged by all in-sync replicas. */
export const produce: Api<ProduceRequest, ProducedPartition[]> = {
  name: 'Produce',
  key: ApiKey.produce,
  min: 3,
  max: 8,
  flexible: NEVER,
  encode(writer, request) {
    writer.string(null).int16(-1).int32(request.timeoutMs);
    writer.array(request.topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, batch }) => writer.int32(partition).bytes(batch));
    });
  },
  decode(reader, version) {
    return reader
      .array(() => {
        const topic = reader.string();
        return reader.array((): ProducedPartition => {
          const head = { topic, partition: reader.int32(), error: reader.int16(), baseOffset: Number(reader.int64()) };
          reader.int64();
          if (version >= 5) reader.int64();
          if (version < 8) return { ...head, message: null };
          reader.array(() => {
            reader.int32();
            reader.nullableString();
          });
          return { ...head, message: reader.nullableString() };
        });
      })
      .flat();
  },
};
