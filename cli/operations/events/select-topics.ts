import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { TopicMetadata } from '../../kafka/apis/metadata.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { ErrorCode, errorName } from '../../kafka/error-codes.ts';
import type { TopicPartition } from '../../kafka/offsets.ts';
import { globMatches, isGlob } from './glob.ts';

/**
 * The topics that names and globs stand for, each once. An unknown name is refused with the nearest one; a glob may match
 * nothing. A glob never takes internal topics.
 */
export async function selectTopics(cluster: Cluster, names: readonly string[]): Promise<TopicMetadata[]> {
  const exact = names.filter((name) => !isGlob(name));
  const globs = names.filter(isGlob);
  const { topics } = await cluster.metadata(globs.length > 0 ? null : exact);
  const found = new Map(topics.filter(({ error }) => error === 0 || error === ErrorCode.LEADER_NOT_AVAILABLE).map((topic) => [topic.name, topic]));
  for (const name of exact) if (!found.has(name)) throw await unknownTopic(cluster, name, topics.find((topic) => topic.name === name)?.error);
  const matching = [...found.values()].filter((topic) => !topic.internal && globs.some((glob) => globMatches(glob, topic.name)));
  const chosen = [...exact.map((name) => found.get(name) as TopicMetadata), ...matching];
  return [...new Map(chosen.map((topic) => [topic.name, topic])).values()];
}

/** The one topic of this name; no globs. Throws TODOCTL_TOPIC_UNKNOWN. */
export async function topicNamed(cluster: Cluster, name: string): Promise<TopicMetadata> {
  const [topic] = isGlob(name) ? [] : await selectTopics(cluster, [name]);
  if (!topic) throw await unknownTopic(cluster, name);
  return topic;
}

async function unknownTopic(cluster: Cluster, name: string, error?: number): Promise<TodoctlError> {
  if (error === ErrorCode.TOPIC_AUTHORIZATION_FAILED || error === ErrorCode.INVALID_TOPIC_EXCEPTION) {
    const code = error === ErrorCode.INVALID_TOPIC_EXCEPTION ? 'TODOCTL_TOPIC_UNKNOWN' : 'TODOCTL_KAFKA_AUTH_REFUSED';
    return new TodoctlError(code, { message: `Kafka does not show topic ${name}: ${errorName(error)}` });
  }
  const { topics } = await cluster.metadata(null);
  const names = topics.filter(({ internal }) => !internal).map((topic) => topic.name);
  const near = nearest(name, names);
  return new TodoctlError('TODOCTL_TOPIC_UNKNOWN', {
    message: `Kafka at ${cluster.access.where} has no topic ${name}${near ? `. Did you mean ${near}?` : ''}`,
    details: names.length > 0 ? [`There are: ${names.sort().join(', ')}`] : ['There is none yet.'],
  });
}

/** Their partitions, or only the one with this number. Throws TODOCTL_PARTITION_UNKNOWN when a topic lacks it. */
export function partitionsOf(topics: readonly TopicMetadata[], only?: number): TopicPartition[] {
  return topics.flatMap(({ name, partitions }) => {
    const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
    if (only === undefined) return numbers.map((partition) => ({ topic: name, partition }));
    if (numbers.includes(only)) return [{ topic: name, partition: only }];
    throw new TodoctlError('TODOCTL_PARTITION_UNKNOWN', { message: `Topic ${name} has no partition ${only}; it has 0 to ${numbers.length - 1}` });
  });
}
