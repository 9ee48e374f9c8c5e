import { ApiKey } from '../api-keys.ts';
import { type Api, NEVER } from './api.ts';

/** Timestamps with a meaning of their own. Others are milliseconds: the first offset whose record is at least as new. */
export const LATEST = -1;
export const EARLIEST = -2;

export interface OffsetQuestion {
  topic: string;
  partitions: readonly { partition: number; timestamp: number }[];
}

export interface OffsetAnswer {
  topic: string;
  partition: number;
  error: number;
  timestamp: number;
  /** -1 when no record is that new. */
  offset: number;
}

/** Offsets by time, and the ends of a partition. Read committed is not asked: what is written is what a debugger wants to see. */
export const listOffsets: Api<readonly OffsetQuestion[], OffsetAnswer[]> = {
  name: 'ListOffsets',
  key: ApiKey.listOffsets,
  min: 1,
  max: 5,
  flexible: NEVER,
  encode(writer, request, version) {
    writer.int32(-1);
    if (version >= 2) writer.int8(0);
    writer.array(request, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, timestamp }) => {
        writer.int32(partition);
        if (version >= 4) writer.int32(-1);
        writer.int64(BigInt(timestamp));
      });
    });
  },
  decode(reader, version) {
    if (version >= 2) reader.int32();
    return reader
      .array(() => {
        const topic = reader.string();
        return reader.array(() => {
          const answer = { topic, partition: reader.int32(), error: reader.int16(), timestamp: Number(reader.int64()), offset: Number(reader.int64()) };
          if (version >= 4) reader.int32();
          return answer;
        });
      })
      .flat();
  },
};
