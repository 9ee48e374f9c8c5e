import { ErrorCode } from '../../kafka/error-codes.ts';
import type {
  CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest, DeleteRecordsResponse, TopicResult,
} from '../protocol/topics.ts';
import { changeConfig, InvalidConfig } from '../topic-config.ts';
import { isTopicName } from '../topics.ts';
import { type BrokerContext, type Handler, storageError } from './context.ts';

/** Of one topic: every partition is a folder with an open file. */
const MOST_PARTITIONS = 256;
/** "As the broker likes", for partitions and replicas. */
const DEFAULT = -1;

type Outcome = Omit<TopicResult, 'name'>;
const DONE: Outcome = { error: ErrorCode.NONE, message: null };

export const createTopicsHandler: Handler<CreateTopicsRequest, { topics: TopicResult[] }> = (request, broker) => ({
  topics: request.topics.map((topic) => {
    const twice = request.topics.filter(({ name }) => name === topic.name).length > 1;
    const outcome = twice ? refuse(ErrorCode.INVALID_REQUEST, 'named twice in one request') : create(broker, topic, request.validateOnly);
    return { name: topic.name, ...outcome };
  }),
});

function create(broker: BrokerContext, topic: CreateTopicsRequest['topics'][number], validateOnly: boolean): Outcome {
  const { name, replicationFactor, assignments, configs } = topic;
  if (!isTopicName(name)) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, 'a name has 1 to 249 of the characters a-z A-Z 0-9 . _ -');
  if (broker.topics.get(name)) return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, `topic ${name} exists`);
  const partitions = assignments > 0 ? assignments : topic.partitions === DEFAULT ? 1 : topic.partitions;
  if (partitions < 1 || partitions > MOST_PARTITIONS) return refuse(ErrorCode.INVALID_PARTITIONS, `1 to ${MOST_PARTITIONS} partitions`);
  if (replicationFactor !== DEFAULT && replicationFactor !== 1) return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, 'there is one broker, so one replica');
  return attempt(broker, `making topic ${name}`, () => {
    const set = changeConfig({}, configs);
    if (!validateOnly) broker.topics.create(name, partitions, set);
  });
}

export const deleteTopicsHandler: Handler<{ names: string[] }, { topics: TopicResult[] }> = ({ names }, broker) => ({
  topics: names.map((name) => {
    if (!broker.topics.get(name)) return { name, ...refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${name}`) };
    const outcome = attempt(broker, `deleting topic ${name}`, () => {
      broker.topics.remove(name);
      broker.offsets.forgetTopic(name);
    });
    return { name, ...outcome };
  }),
});

export const createPartitionsHandler: Handler<CreatePartitionsRequest, { topics: TopicResult[] }> = ({ topics, validateOnly }, broker) => ({
  topics: topics.map(({ name, total }) => ({ name, ...grow(broker, name, total, validateOnly) })),
});

function grow(broker: BrokerContext, name: string, total: number, validateOnly: boolean): Outcome {
  const topic = broker.topics.get(name);
  if (!topic) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${name}`);
  const now = topic.partitions.length;
  if (total <= now) return refuse(ErrorCode.INVALID_PARTITIONS, `it has ${now} already; partitions can only be added`);
  if (total > MOST_PARTITIONS) return refuse(ErrorCode.INVALID_PARTITIONS, `at most ${MOST_PARTITIONS} partitions`);
  return attempt(broker, `adding partitions to ${name}`, () => {
    if (!validateOnly) broker.topics.grow(name, total);
  });
}

export const deleteRecordsHandler: Handler<DeleteRecordsRequest, DeleteRecordsResponse> = ({ topics }, broker) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, offset }) => ({ index, ...deleteBefore(broker, name, index, offset) })),
  })),
});

function deleteBefore(broker: BrokerContext, name: string, index: number, offset: number): { startOffset: number; error: number } {
  const partition = broker.topics.partition(name, index);
  if (!partition) return { startOffset: -1, error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const until = offset === -1 ? partition.endOffset : offset;
  if (until < 0 || until > partition.endOffset) return { startOffset: -1, error: ErrorCode.OFFSET_OUT_OF_RANGE };
  const { error } = attempt(broker, `deleting records of ${name}/${index}`, () => partition.deleteBefore(until));
  return { startOffset: partition.startOffset, error };
}

function attempt(broker: BrokerContext, what: string, action: () => void): Outcome {
  try {
    action();
    return DONE;
  } catch (error) {
    if (error instanceof InvalidConfig) return refuse(ErrorCode.INVALID_CONFIG, error.message);
    return storageError(error, broker.log, what);
  }
}

function refuse(error: number, message: string): Outcome {
  return { error, message };
}
