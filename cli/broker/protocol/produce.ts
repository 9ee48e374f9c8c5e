import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE } from './api.ts';

export interface ProduceRequest {
  transactionalId: string | null;
  /** 0: no answer is wanted; 1 and -1 are the same with one replica. */
  acks: number;
  topics: { name: string; partitions: { index: number; records: Buffer | null }[] }[];
}

export interface ProduceResponse {
  topics: { name: string; partitions: { index: number; error: number; message: string | null; baseOffset: number; startOffset: number }[] }[];
}

const NO_APPEND_TIME = -1n;

export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: ApiKey.produce,
  min: 3,
  max: 8,
  decode: (reader) => {
    const transactionalId = reader.nullableString();
    const acks = reader.int16();
    reader.int32(); // how long replicas may take: there are none
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({ index: reader.int32(), records: reader.nullableBytes() })),
    }));
    return { transactionalId, acks, topics };
  },
  encode: (frame, { topics }, version) => {
    frame.array(topics, ({ name, partitions }) => {
      frame.string(name).array(partitions, ({ index, error, message, baseOffset, startOffset }) => {
        frame.int32(index).int16(error).int64(BigInt(baseOffset)).int64(NO_APPEND_TIME);
        if (version >= 5) frame.int64(BigInt(startOffset));
        if (version >= 8) frame.array([], () => undefined).string(message);
      });
    });
    frame.int32(NO_THROTTLE);
  },
};
