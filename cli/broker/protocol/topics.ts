import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, long, NO_THROTTLE, nullableArray } from './api.ts';

/** What became of one topic of an admin request. */
export interface TopicResult {
  name: string;
  error: number;
  message: string | null;
}

export interface CreateTopicsRequest {
  topics: { name: string; partitions: number; replicationFactor: number; /** Named replicas, per partition. */ assignments: number; configs: [name: string, value: string | null][] }[];
  validateOnly: boolean;
}

export const createTopics: Api<CreateTopicsRequest, { topics: TopicResult[] }> = {
  key: ApiKey.createTopics,
  min: 0,
  max: 4,
  decode: (reader, version) => {
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.int32(),
      replicationFactor: reader.int16(),
      assignments: reader.array(() => [reader.int32(), reader.array(() => reader.int32())]).length,
      configs: reader.array((): [string, string | null] => [reader.string(), reader.nullableString()]),
    }));
    reader.int32();
    return { topics, validateOnly: version >= 1 && reader.boolean() };
  },
  encode: (frame, { topics }, version) => {
    if (version >= 2) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, error, message }) => {
      frame.string(name).int16(error);
      if (version >= 1) frame.string(message);
    });
  },
};

export const deleteTopics: Api<{ names: string[] }, { topics: TopicResult[] }> = {
  key: ApiKey.deleteTopics,
  min: 0,
  max: 3,
  decode: (reader) => ({ names: reader.array(() => reader.string()) }),
  encode: (frame, { topics }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, error }) => frame.string(name).int16(error));
  },
};

export interface CreatePartitionsRequest {
  topics: { name: string; total: number }[];
  validateOnly: boolean;
}

export const createPartitions: Api<CreatePartitionsRequest, { topics: TopicResult[] }> = {
  key: ApiKey.createPartitions,
  min: 0,
  max: 1,
  decode: (reader) => {
    const topics = reader.array(() => {
      const topic = { name: reader.string(), total: reader.int32() };
      nullableArray(reader, () => reader.array(() => reader.int32())); // which replicas: there is one
      return topic;
    });
    reader.int32();
    return { topics, validateOnly: reader.boolean() };
  },
  encode: (frame, { topics }) => {
    frame.int32(NO_THROTTLE).array(topics, ({ name, error, message }) => frame.string(name).int16(error).string(message));
  },
};

export interface DeleteRecordsRequest {
  topics: { name: string; partitions: { index: number; /** -1 is the end. */ offset: number }[] }[];
}

export interface DeleteRecordsResponse {
  topics: { name: string; partitions: { index: number; startOffset: number; error: number }[] }[];
}

export const deleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: ApiKey.deleteRecords,
  min: 0,
  max: 1,
  decode: (reader) => ({
    topics: reader.array(() => ({ name: reader.string(), partitions: reader.array(() => ({ index: reader.int32(), offset: long(reader) })) })),
  }),
  encode: (frame, { topics }) => {
    frame.int32(NO_THROTTLE).array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, startOffset, error }) => frame.int32(index).int64(BigInt(startOffset)).int16(error));
    });
  },
};
