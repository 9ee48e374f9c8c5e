import { ErrorCode } from '../../kafka/error-codes.ts';
import type { DescribeClusterResponse, FindCoordinatorRequest, FindCoordinatorResponse } from '../protocol/cluster.ts';
import type { MetadataRequest, MetadataResponse } from '../protocol/metadata.ts';
import type { ProducerIdRequest, ProducerIdResponse } from '../protocol/producer-id.ts';
import { isTopicName } from '../topics.ts';
import type { Handler } from './context.ts';

const GROUP = 0;
const NO_TRANSACTIONS = 'this broker has no transactions';

export const metadataHandler: Handler<MetadataRequest, MetadataResponse> = ({ topics: wanted }, { topics, clusterId, address }) => {
  const names = wanted ?? topics.all().map(({ name }) => name);
  const described = names.map((name) => {
    const topic = topics.get(name);
    if (topic) return { error: ErrorCode.NONE, name, partitions: topic.partitions.length };
    return { error: isTopicName(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION, name, partitions: 0 };
  });
  return { clusterId, broker: address, topics: described };
};

export const describeClusterHandler: Handler<object, DescribeClusterResponse> = (_, { clusterId, address }) => ({ clusterId, broker: address });

export const findCoordinatorHandler: Handler<FindCoordinatorRequest, FindCoordinatorResponse> = ({ type }, { address }) => {
  if (type === GROUP) return { error: ErrorCode.NONE, message: null, broker: address };
  return { error: ErrorCode.UNSUPPORTED_VERSION, message: NO_TRANSACTIONS, broker: { id: -1, host: '', port: -1 } };
};

export const initProducerIdHandler: Handler<ProducerIdRequest, ProducerIdResponse> = ({ transactionalId }, broker) => {
  if (transactionalId !== null) return { error: ErrorCode.UNSUPPORTED_VERSION, producerId: -1, epoch: -1 };
  return { error: ErrorCode.NONE, producerId: broker.nextProducerId(), epoch: 0 };
};
