import type { KafkaAccess } from './access.ts';
import type { TopicMetadata } from './apis/metadata.ts';
import { createPartitions, createTopics, deleteTopics, describeConfigs, incrementalAlterConfigs, type TopicOutcome, type TopicSpec } from './apis/topics.ts';
import { Cluster, patiently, shown } from './cluster.ts';
import type { Connection } from './connection.ts';
import { ErrorCode } from './error-codes.ts';
import { check } from './failures.ts';

export type { TopicSpec } from './apis/topics.ts';

/** How long the controller may take for one change. */
const CHANGE_MS = 15_000;

export interface TopicInfo {
  name: string;
  partitions: number;
  internal: boolean;
  /** From `retention.ms`; -1 is for ever; undefined when this user may not see it. */
  retentionMs?: number;
  /** From `cleanup.policy`: `delete`, `compact` or both. */
  cleanup?: string;
}

/** Making and changing topics. All throw TodoctlError (TODOCTL_KAFKA_UNREACHABLE, _AUTH_REFUSED, _REFUSED, _MALFORMED). */
export interface Admin {
  /** Every topic with its settings, by name. */
  topics(): Promise<TopicInfo[]>;
  /** Makes topics; one that exists already is left as it is. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Raises a topic's partitions to `partitions` in all. Kafka cannot lower them. */
  createPartitions(topic: string, partitions: number): Promise<void>;
  /** Sets `retention.ms` and leaves every other setting. */
  setRetention(topic: string, retentionMs: number): Promise<void>;
  /** Deletes topics; one that does not exist is passed over. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** An Admin over any KafkaAccess; the access itself stays open and the caller's. Connects on first use. */
export function connectAdmin(access: KafkaAccess, signal?: AbortSignal): Admin {
  const cluster = new Cluster(access, signal);
  const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await patiently(ask);
    } catch (error) {
      throw shown(access, error);
    }
  };
  const change = (what: string, passOver: readonly number[], ask: (controller: Connection) => Promise<TopicOutcome[]>): Promise<void> =>
    asked(async () => {
      for (const { topic, error, message } of await ask(await cluster.controller())) {
        if (!passOver.includes(error)) check(error, `${what} ${topic}`, message);
      }
    });
  return {
    topics: () => asked(() => describeTopics(cluster)),
    createTopics: (topics) =>
      change('create topic', [ErrorCode.TOPIC_ALREADY_EXISTS], (controller) => controller.call(createTopics, { topics, timeoutMs: CHANGE_MS })),
    createPartitions: (topic, partitions) =>
      change('add partitions to', [], (controller) => controller.call(createPartitions, { topics: [{ topic, partitions }], timeoutMs: CHANGE_MS })),
    setRetention: (topic, retentionMs) =>
      change('change topic', [], (controller) => controller.call(incrementalAlterConfigs, { topic, config: { 'retention.ms': String(retentionMs) } })),
    // Kafka calls an unknown topic retriable; here it is the state that was wished for.
    deleteTopics: (topics) =>
      change('delete topic', [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION], (controller) => controller.call(deleteTopics, { topics, timeoutMs: CHANGE_MS })),
    close: () => cluster[Symbol.asyncDispose](),
  };
}

const KEYS = ['retention.ms', 'cleanup.policy'];

/** All topics with retention and clean-up policy, sorted by name. */
export async function describeTopics(cluster: Cluster): Promise<TopicInfo[]> {
  const { topics } = await cluster.metadata(null);
  const settings = await topicSettings(cluster, topics);
  return topics
    .map((topic) => ({ name: topic.name, partitions: topic.partitions.length, internal: topic.internal, ...settings.get(topic.name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

async function topicSettings(cluster: Cluster, topics: readonly TopicMetadata[]): Promise<Map<string, Pick<TopicInfo, 'retentionMs' | 'cleanup'>>> {
  if (topics.length === 0) return new Map();
  const names = topics.map((topic) => topic.name);
  const found = await cluster.anyBroker((connection) => connection.call(describeConfigs, { topics: names, keys: KEYS }));
  return new Map(
    found
      .filter(({ error }) => error === 0)
      .map(({ topic, config }) => {
        const retention = config['retention.ms'];
        const cleanup = config['cleanup.policy'];
        return [topic, { ...(retention && { retentionMs: Number(retention) }), ...(cleanup && { cleanup }) }];
      }),
  );
}
