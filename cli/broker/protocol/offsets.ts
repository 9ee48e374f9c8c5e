import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, long, NO_THROTTLE, nullableArray } from './api.ts';

export interface OffsetCommitRequest {
  group: string;
  generation: number;
  memberId: string;
  topics: { name: string; partitions: { index: number; offset: number; metadata: string | null }[] }[];
}

export interface OffsetCommitResponse {
  topics: { name: string; partitions: { index: number; error: number }[] }[];
}

export const offsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: ApiKey.offsetCommit,
  min: 2,
  max: 6,
  decode: (reader, version) => {
    const [group, generation, memberId] = [reader.string(), reader.int32(), reader.string()];
    if (version <= 4) reader.int64(); // how long to keep it: for ever
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        const offset = long(reader);
        if (version >= 6) reader.int32();
        return { index, offset, metadata: reader.nullableString() };
      }),
    }));
    return { group, generation, memberId, topics };
  },
  encode: (frame, { topics }, version) => {
    if (version >= 3) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, error }) => frame.int32(index).int16(error));
    });
  },
};

export interface OffsetFetchRequest {
  group: string;
  /** null asks for all that the group committed. */
  topics: { name: string; partitions: number[] }[] | null;
}

export interface OffsetFetchResponse {
  error: number;
  topics: { name: string; partitions: { index: number; offset: number; metadata: string | null; error: number }[] }[];
}

const NO_LEADER_EPOCH = -1;

export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: ApiKey.offsetFetch,
  min: 1,
  max: 5,
  decode: (reader, version) => {
    const group = reader.string();
    const topics = nullableArray(reader, () => ({ name: reader.string(), partitions: reader.array(() => reader.int32()) }));
    return { group, topics: version < 2 ? (topics ?? []) : topics };
  },
  encode: (frame, { error, topics }, version) => {
    if (version >= 3) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, offset, metadata, error: partitionError }) => {
        frame.int32(index).int64(BigInt(offset));
        if (version >= 5) frame.int32(NO_LEADER_EPOCH);
        frame.string(metadata).int16(partitionError);
      });
    });
    if (version >= 2) frame.int16(error);
  },
};
