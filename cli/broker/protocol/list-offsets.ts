import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, long, NO_THROTTLE } from './api.ts';

/** Times that are none. */
export const LATEST = -1;
export const EARLIEST = -2;
export const MAX_TIMESTAMP = -3;

export interface ListOffsetsRequest {
  topics: { name: string; partitions: { index: number; leaderEpoch: number; timestamp: number }[] }[];
}

export interface ListOffsetsResponse {
  topics: { name: string; partitions: { index: number; error: number; timestamp: number; offset: number }[] }[];
}

const LEADER_EPOCH = 0;

export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: ApiKey.listOffsets,
  min: 1,
  max: 5,
  decode: (reader, version) => {
    reader.int32();
    if (version >= 2) reader.int8();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        const leaderEpoch = version >= 4 ? reader.int32() : -1;
        return { index, leaderEpoch, timestamp: long(reader) };
      }),
    }));
    return { topics };
  },
  encode: (frame, { topics }, version) => {
    if (version >= 2) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, error, timestamp, offset }) => {
        frame.int32(index).int16(error).int64(BigInt(timestamp)).int64(BigInt(offset));
        if (version >= 4) frame.int32(LEADER_EPOCH);
      });
    });
  },
};
