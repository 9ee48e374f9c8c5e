import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE, OPERATIONS_UNKNOWN } from './api.ts';

export interface BrokerAddress {
  id: number;
  host: string;
  port: number;
}

export interface FindCoordinatorRequest {
  /** 0 = group, 1 = transaction. */
  type: number;
}

export interface FindCoordinatorResponse {
  error: number;
  message: string | null;
  broker: BrokerAddress;
}

export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: ApiKey.findCoordinator,
  min: 0,
  max: 2,
  decode: (reader, version) => {
    reader.string();
    return { type: version >= 1 ? reader.int8() : 0 };
  },
  encode: (frame, { error, message, broker }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.int16(error);
    if (version >= 1) frame.string(message);
    frame.int32(broker.id).string(broker.host).int32(broker.port);
  },
};

export interface DescribeClusterResponse {
  clusterId: string;
  broker: BrokerAddress;
}

/** Compact in all its versions; spoken because the Java admin client asks nothing else. */
export const describeCluster: Api<object, DescribeClusterResponse> = {
  key: ApiKey.describeCluster,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  decode: (reader) => {
    reader.boolean();
    reader.tags();
    return {};
  },
  encode: (frame, { clusterId, broker }) => {
    frame.int32(NO_THROTTLE).int16(0).compactString(null).compactString(clusterId).int32(broker.id);
    frame.compactArray([broker], ({ id, host, port }) => frame.int32(id).compactString(host).int32(port).compactString(null).tags());
    frame.int32(OPERATIONS_UNKNOWN).tags();
  },
};
