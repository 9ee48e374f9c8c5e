import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { consumerGroups, type Group } from '../../kafka/groups.ts';
import { ends, partitionKey, type TopicPartition } from '../../kafka/offsets.ts';
import type { Context } from '../context.ts';
import { withCluster } from './with-cluster.ts';

export interface PartitionLag {
  partition: number;
  /** Offset that the group reads next. */
  committed: number;
  end: number;
  lag: number;
}

export interface LagRow {
  group: string;
  topic: string;
  state: string;
  members: number;
  lag: number;
  partitions: PartitionLag[];
}

export interface Lag {
  total: number;
  groups: LagRow[];
}

/** How far each consumer group is behind, per topic and partition. Throws TODOCTL_GROUP_UNKNOWN for a name that no group has. */
export function lag(context: Context, options: { groups: readonly string[] }): Promise<Lag> {
  return withCluster(context, async (cluster) => {
    const chosen = choose(await consumerGroups(cluster), options.groups);
    const end = await endsOf(cluster, chosen.flatMap(({ offsets }) => offsets));
    const groups = chosen.flatMap((group) => rowsOf(group, end));
    return { total: groups.reduce((total, row) => total + row.lag, 0), groups };
  }, 'lag');
}

function choose(groups: readonly Group[], names: readonly string[]): readonly Group[] {
  for (const name of names) {
    if (groups.some(({ group }) => group === name)) continue;
    const near = nearest(name, groups.map(({ group }) => group));
    throw new TodoctlError('TODOCTL_GROUP_UNKNOWN', {
      message: `No consumer group is called ${name}${near ? `. Did you mean ${near}?` : ''}`,
      details: groups.length > 0 ? [`There are: ${groups.map(({ group }) => group).join(', ')}`] : ['There is none yet.'],
    });
  }
  return names.length === 0 ? groups : groups.filter(({ group }) => names.includes(group));
}

/** A group can hold offsets of topics that are gone; those have no end. */
async function endsOf(cluster: Cluster, offsets: readonly TopicPartition[]): Promise<Map<string, number>> {
  const { topics } = await cluster.metadata([...new Set(offsets.map(({ topic }) => topic))]);
  const there = new Set(topics.filter(({ error }) => error !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION).flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => partitionKey({ topic: name, partition }))));
  const unique = new Map(offsets.map(({ topic, partition }) => [partitionKey({ topic, partition }), { topic, partition }]));
  return ends(cluster, [...unique].filter(([key]) => there.has(key)).map(([, partition]) => partition));
}

function rowsOf({ group, state, members, offsets }: Group, end: ReadonlyMap<string, number>): LagRow[] {
  const live = offsets.filter((committed) => end.has(partitionKey(committed)));
  const byTopic = [...Map.groupBy(live, ({ topic }) => topic)].sort(([a], [b]) => a.localeCompare(b));
  return byTopic.map(([topic, of]) => {
    const partitions = of
      .map((committed) => {
        const last = end.get(partitionKey(committed)) ?? 0;
        return { partition: committed.partition, committed: committed.offset, end: last, lag: Math.max(0, last - committed.offset) };
      })
      .sort((a, b) => a.partition - b.partition);
    return { group, topic, state, members, lag: partitions.reduce((total, partition) => total + partition.lag, 0), partitions };
  });
}
