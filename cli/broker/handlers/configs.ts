import { ErrorCode } from '../../kafka/error-codes.ts';
import {
  type AlterConfigsRequest, type AlterConfigsResponse, type ConfigEntry, DELETE, type DescribeConfigsRequest, type DescribeConfigsResponse, SET, TOPIC_RESOURCE,
} from '../protocol/configs.ts';
import { changeConfig, type ConfigName, InvalidConfig, SETTINGS } from '../topic-config.ts';
import type { Topic } from '../topics.ts';
import { type BrokerContext, type Handler, storageError } from './context.ts';

interface Refusal {
  error: number;
  message: string;
}

export const describeConfigsHandler: Handler<DescribeConfigsRequest, DescribeConfigsResponse> = ({ resources }, broker) => ({
  resources: resources.map(({ type, name, keys }) => {
    const topic = topicOf(broker, type, name);
    if ('error' in topic) return { type, name, ...topic, configs: [] };
    return { type, name, error: ErrorCode.NONE, message: null, configs: entries(topic).filter((entry) => !keys || keys.includes(entry.name)) };
  }),
});

export const incrementalAlterConfigsHandler: Handler<AlterConfigsRequest, AlterConfigsResponse> = ({ resources, validateOnly }, broker) => ({
  resources: resources.map(({ type, name, changes }) => {
    const topic = topicOf(broker, type, name);
    const refusal = 'error' in topic ? topic : alter(broker, topic, changes, validateOnly);
    return { type, name, error: ErrorCode.NONE, message: null, ...refusal };
  }),
});

function entries({ set, config }: Topic): ConfigEntry[] {
  return (Object.keys(SETTINGS) as ConfigName[]).map((name) => ({
    name,
    value: String(config[name]),
    isDefault: set[name] === undefined,
    type: SETTINGS[name].type,
    documentation: SETTINGS[name].documentation,
  }));
}

function alter(broker: BrokerContext, topic: Topic, changes: AlterConfigsRequest['resources'][number]['changes'], validateOnly: boolean): Refusal | undefined {
  const list = changes.find(({ operation }) => operation !== SET && operation !== DELETE);
  if (list) return { error: ErrorCode.INVALID_REQUEST, message: `${list.name} can be set or deleted; no setting here is a list` };
  const changed = changes.map(({ name, operation, value }): [string, string | null] => [name, operation === DELETE ? null : value]);
  try {
    if (validateOnly) changeConfig(topic.set, changed);
    else broker.topics.configure(topic.name, changed);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidConfig) return { error: ErrorCode.INVALID_CONFIG, message: error.message };
    return storageError(error, broker.log, `configuring topic ${topic.name}`);
  }
}

function topicOf({ topics }: BrokerContext, type: number, name: string): Topic | Refusal {
  if (type !== TOPIC_RESOURCE) return { error: ErrorCode.INVALID_REQUEST, message: 'only topics have settings here' };
  return topics.get(name) ?? { error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `no topic ${name}` };
}
