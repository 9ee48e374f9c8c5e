import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE, nullableArray, OPERATIONS_UNKNOWN } from './api.ts';

export interface MetadataRequest {
  /** null asks for all topics. */
  topics: string[] | null;
}

export interface MetadataResponse {
  clusterId: string;
  /** The one broker: leader and only replica of everything. */
  broker: { id: number; host: string; port: number };
  topics: { error: number; name: string; partitions: number }[];
}

const LEADER_EPOCH = 0;

export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: ApiKey.metadata,
  min: 0,
  max: 8,
  decode: (reader, version) => {
    const topics = nullableArray(reader, () => reader.string());
    if (version >= 4) reader.boolean(); // may topics be made: never here
    if (version >= 8) reader.take(2); // two wishes for authorised operations
    // Version 0 knows no null: there, none is all.
    return { topics: version === 0 && topics?.length === 0 ? null : topics };
  },
  encode: (frame, { clusterId, broker, topics }, version) => {
    if (version >= 3) frame.int32(NO_THROTTLE);
    frame.array([broker], ({ id, host, port }) => {
      frame.int32(id).string(host).int32(port);
      if (version >= 1) frame.string(null);
    });
    if (version >= 2) frame.string(clusterId);
    if (version >= 1) frame.int32(broker.id);
    frame.array(topics, ({ error, name, partitions }) => {
      frame.int16(error).string(name);
      if (version >= 1) frame.boolean(false);
      frame.array(Array.from({ length: partitions }, (_, index) => index), (index) => {
        frame.int16(0).int32(index).int32(broker.id);
        if (version >= 7) frame.int32(LEADER_EPOCH);
        const replicas = [broker.id];
        frame.array(replicas, (id) => frame.int32(id)).array(replicas, (id) => frame.int32(id));
        if (version >= 5) frame.array([], () => undefined);
      });
      if (version >= 8) frame.int32(OPERATIONS_UNKNOWN);
    });
    if (version >= 8) frame.int32(OPERATIONS_UNKNOWN);
  },
};
