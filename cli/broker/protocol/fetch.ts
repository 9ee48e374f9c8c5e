import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, long, NO_THROTTLE } from './api.ts';

export interface FetchRequest {
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number;
  sessionId: number;
  topics: { name: string; partitions: FetchPartition[] }[];
}

export interface FetchPartition {
  index: number;
  leaderEpoch: number;
  offset: number;
  maxBytes: number;
}

export interface FetchResponse {
  error: number;
  topics: { name: string; partitions: FetchedPartition[] }[];
}

export interface FetchedPartition {
  index: number;
  error: number;
  endOffset: number;
  startOffset: number;
  records: Buffer;
}

const NO_SESSION = 0;

export const fetch: Api<FetchRequest, FetchResponse> = {
  key: ApiKey.fetch,
  min: 4,
  max: 11,
  decode: (reader, version) => {
    reader.int32(); // replica: always a consumer here
    const [maxWaitMs, minBytes, maxBytes] = [reader.int32(), reader.int32(), reader.int32()];
    reader.int8(); // isolation: without transactions both are the same
    const sessionId = version >= 7 ? reader.int32() : NO_SESSION;
    if (version >= 7) reader.int32();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        const leaderEpoch = version >= 9 ? reader.int32() : -1;
        const offset = long(reader);
        if (version >= 5) reader.int64();
        return { index, leaderEpoch, offset, maxBytes: reader.int32() };
      }),
    }));
    // Forgotten topics and the rack, both of no use without sessions and replicas, follow and are not read.
    return { maxWaitMs, minBytes, maxBytes, sessionId, topics };
  },
  encode: (frame, { error, topics }, version) => {
    frame.int32(NO_THROTTLE);
    if (version >= 7) frame.int16(error).int32(NO_SESSION);
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, error: partitionError, endOffset, startOffset, records }) => {
        frame.int32(index).int16(partitionError).int64(BigInt(endOffset)).int64(BigInt(endOffset));
        if (version >= 5) frame.int64(BigInt(startOffset));
        frame.array([], () => undefined); // aborted transactions
        if (version >= 11) frame.int32(-1); // no nearer replica
        frame.attach(records);
      });
    });
  },
};
