import { EARLIEST, LATEST, listOffsets, type OffsetQuestion } from './apis/list-offsets.ts';
import type { Metadata } from './apis/metadata.ts';
import { type Cluster, patiently } from './cluster.ts';
import { ErrorCode } from './error-codes.ts';
import { check, KafkaError } from './failures.ts';

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** A partition as a map's key; no topic name holds a `/`. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Numbers of partitions, by partitionKey. */
export type Offsets = Map<string, number>;

/** Offset of the oldest record that is still there. */
export function beginnings(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<Offsets> {
  return offsetsAt(cluster, partitions, EARLIEST);
}

/** Offset that the next record will get. */
export function ends(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<Offsets> {
  return offsetsAt(cluster, partitions, LATEST);
}

/** Offset of the first record at or after `timestamp` (ms); the partition's end where none is that new. */
export async function offsetsSince(cluster: Cluster, partitions: readonly TopicPartition[], timestamp: number): Promise<Offsets> {
  // The end is asked first: a record that arrives between the two questions must not be skipped.
  const last = await ends(cluster, partitions);
  const found = await offsetsAt(cluster, partitions, timestamp);
  return new Map([...found].map(([key, offset]) => [key, offset < 0 ? (last.get(key) ?? 0) : offset]));
}

/** Asks each partition's leader, all leaders at once; asks again while leaders move. */
async function offsetsAt(cluster: Cluster, partitions: readonly TopicPartition[], timestamp: number): Promise<Offsets> {
  if (partitions.length === 0) return new Map();
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return patiently(async () => {
    const found: Offsets = new Map();
    const questions = questionsByLeader(await cluster.metadata(topics), partitions, timestamp);
    const answers = await Promise.all(
      [...questions].map(async ([leader, question]) => {
        const connection = await cluster.broker(leader);
        return connection.call(listOffsets, question);
      }),
    );
    for (const answer of answers.flat()) {
      check(answer.error, `offsets of ${partitionKey(answer)}`);
      found.set(partitionKey(answer), answer.offset);
    }
    return found;
  });
}

function questionsByLeader(metadata: Metadata, partitions: readonly TopicPartition[], timestamp: number): Map<number, OffsetQuestion[]> {
  const questions = new Map<number, OffsetQuestion[]>();
  for (const { topic, partition } of partitions) {
    const leader = leaderOf(metadata, { topic, partition });
    if (leader === undefined) throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, partitionKey({ topic, partition }));
    const question = questions.get(leader) ?? [];
    questions.set(leader, [...question, { topic, partitions: [{ partition, timestamp }] }]);
  }
  return questions;
}

/** Node that leads a partition; undefined while there is none. */
export function leaderOf(metadata: Metadata, { topic, partition }: TopicPartition): number | undefined {
  const found = metadata.topics.find(({ name }) => name === topic)?.partitions.find((candidate) => candidate.partition === partition);
  return found && found.leader >= 0 ? found.leader : undefined;
}
