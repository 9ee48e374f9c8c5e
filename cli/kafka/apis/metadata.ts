import type { Address } from '../access.ts';
import { ApiKey } from '../api-keys.ts';
import { type Api, NEVER } from './api.ts';

export interface PartitionMetadata {
  error: number;
  partition: number;
  /** Node id, or -1 while there is none. */
  leader: number;
  replicas: number[];
  inSync: number[];
}

export interface TopicMetadata {
  error: number;
  name: string;
  internal: boolean;
  partitions: PartitionMetadata[];
}

export interface Metadata {
  brokers: Map<number, Address>;
  clusterId: string | null;
  controller: number;
  topics: TopicMetadata[];
}

/** Which broker leads which partition. `topics: null` asks for all; nothing is ever created by asking. */
export const metadata: Api<{ topics: readonly string[] | null }, Metadata> = {
  name: 'Metadata',
  key: ApiKey.metadata,
  min: 4,
  max: 7,
  flexible: NEVER,
  encode(writer, request) {
    if (request.topics) writer.array(request.topics, (topic) => writer.string(topic));
    else writer.int32(-1);
    writer.boolean(false);
  },
  decode(reader, version) {
    reader.int32();
    const brokers = new Map(
      reader.array(() => {
        const node = reader.int32();
        const address = { host: reader.string(), port: reader.int32() };
        reader.nullableString();
        return [node, address] as const;
      }),
    );
    const clusterId = reader.nullableString();
    const controller = reader.int32();
    const topics = reader.array(() => ({
      error: reader.int16(),
      name: reader.string(),
      internal: reader.boolean(),
      partitions: reader.array(() => {
        const partition = { error: reader.int16(), partition: reader.int32(), leader: reader.int32() };
        if (version >= 7) reader.int32();
        const replicas = reader.array(() => reader.int32());
        const inSync = reader.array(() => reader.int32());
        if (version >= 5) reader.array(() => reader.int32());
        return { ...partition, replicas, inSync };
      }),
    }));
    return { brokers, clusterId, controller, topics };
  },
};
