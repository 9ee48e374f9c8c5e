import { Reader, Writer } from '../../kafka/wire.ts';

// What consumers tell each other inside JoinGroup and SyncGroup (Kafka's "consumer" embedded protocol, version 0).

export interface TopicPartition {
  topic: string;
  partition: number;
}

const VERSION = 0;

/** A member's subscription. */
export function encodeSubscription(topics: readonly string[]): Buffer {
  const writer = new Writer().int16(VERSION);
  return writer.array(topics, (topic) => writer.string(topic)).bytes(null).done();
}

export function decodeSubscription(bytes: Buffer): string[] {
  const reader = new Reader(bytes);
  reader.int16();
  return reader.array(() => reader.string());
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const writer = new Writer().int16(VERSION);
  writer.array([...byTopic], ([topic, numbers]) => writer.string(topic).array(numbers, (number) => writer.int32(number)));
  return writer.bytes(null).done();
}

/** A member without an assignment gets no bytes at all. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes);
  reader.int16();
  return reader.array(() => {
    const topic = reader.string();
    return reader.array(() => ({ topic, partition: reader.int32() }));
  }).flat();
}

/**
 * Kafka's range strategy: of each topic, the members that want it (sorted) take neighbouring partitions, the first ones one more.
 * `counts` holds the partitions per topic; topics that do not exist are left out.
 */
export function assignRanges(members: readonly { member: string; topics: readonly string[] }[], counts: ReadonlyMap<string, number>): Map<string, TopicPartition[]> {
  const assigned = new Map<string, TopicPartition[]>(members.map(({ member }) => [member, []]));
  for (const [topic, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const takers = members.filter(({ topics }) => topics.includes(topic)).map(({ member }) => member).sort();
    let next = 0;
    for (const [index, member] of takers.entries()) {
      const share = Math.floor(count / takers.length) + (index < count % takers.length ? 1 : 0);
      for (let taken = 0; taken < share; taken++) assigned.get(member)?.push({ topic, partition: next++ });
    }
  }
  return assigned;
}
