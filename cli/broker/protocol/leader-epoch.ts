import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE } from './api.ts';

export interface LeaderEpochRequest {
  topics: { name: string; partitions: { index: number; leaderEpoch: number }[] }[];
}

export interface LeaderEpochResponse {
  topics: { name: string; partitions: { index: number; error: number; leaderEpoch: number; endOffset: number }[] }[];
}

/** Where an epoch ended: how a consumer finds out that a log was cut. With one broker there is one epoch. */
export const offsetForLeaderEpoch: Api<LeaderEpochRequest, LeaderEpochResponse> = {
  key: ApiKey.offsetForLeaderEpoch,
  min: 0,
  max: 3,
  decode: (reader, version) => {
    if (version >= 3) reader.int32();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        if (version >= 2) reader.int32();
        return { index, leaderEpoch: reader.int32() };
      }),
    }));
    return { topics };
  },
  encode: (frame, { topics }, version) => {
    if (version >= 2) frame.int32(NO_THROTTLE);
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, error, leaderEpoch, endOffset }) => {
        frame.int16(error).int32(index);
        if (version >= 1) frame.int32(leaderEpoch);
        frame.int64(BigInt(endOffset));
      });
    });
  },
};
