import { describeTopics } from '../../kafka/admin.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { consumerGroups } from '../../kafka/groups.ts';
import { beginnings, ends, type Offsets, partitionKey } from '../../kafka/offsets.ts';
import type { Context } from '../context.ts';
import { keyKind } from './key-kind.ts';
import { withCluster } from './with-cluster.ts';

export interface TopicRow {
  topic: string;
  partitions: number;
  /** What the record key is on the platform's own topics; null elsewhere. */
  key: 'task' | 'user' | null;
  /** Milliseconds; -1 is for ever; null when this user may not see it. */
  retentionMs: number | null;
  /** End minus beginning, summed: an upper bound where compaction or transactions left gaps. */
  messages: number;
  /** Consumer groups with committed offsets here. */
  groups: string[];
}

/** Every topic of the environment, internal ones only when asked for. */
export function topics(context: Context, options: { internal: boolean }): Promise<TopicRow[]> {
  return withCluster(context, async (cluster) => {
    const found = (await describeTopics(cluster)).filter(({ internal }) => options.internal || !internal);
    const partitions = found.flatMap(({ name, partitions: count }) => Array.from({ length: count }, (_, partition) => ({ topic: name, partition })));
    const [first, last, groups] = await Promise.all([beginnings(cluster, partitions), ends(cluster, partitions), groupsByTopic(cluster)]);
    return found.map(({ name, partitions: count, retentionMs }) => ({
      topic: name,
      partitions: count,
      key: keyKind(name) ?? null,
      retentionMs: retentionMs ?? null,
      messages: sum(name, count, last) - sum(name, count, first),
      groups: groups.get(name) ?? [],
    }));
  });
}

async function groupsByTopic(cluster: Cluster): Promise<Map<string, string[]>> {
  const pairs = (await consumerGroups(cluster)).flatMap(({ group, offsets }) => [...new Set(offsets.map(({ topic }) => topic))].map((topic) => ({ topic, group })));
  return new Map([...Map.groupBy(pairs, ({ topic }) => topic)].map(([topic, of]) => [topic, of.map(({ group }) => group)]));
}

function sum(topic: string, partitions: number, offsets: Offsets): number {
  let total = 0;
  for (let partition = 0; partition < partitions; partition++) total += offsets.get(partitionKey({ topic, partition })) ?? 0;
  return total;
}
