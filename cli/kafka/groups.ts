import { type CommittedOffset, describeGroups, listGroups, offsetFetch } from './apis/groups.ts';
import { type Cluster, patiently } from './cluster.ts';
import { ErrorCode } from './error-codes.ts';
import { check } from './failures.ts';

export interface Group {
  group: string;
  /** `Stable`, `Empty`, … as Kafka says; `Unknown` when the broker does not describe groups of this kind. */
  state: string;
  members: number;
  /** Only what was committed. */
  offsets: CommittedOffset[];
}

/** Every consumer group of the cluster with its committed offsets, by name. Needs Describe on groups. */
export async function consumerGroups(cluster: Cluster): Promise<Group[]> {
  const names = await groupNames(cluster);
  const groups = await Promise.all(names.map((group) => patiently(() => describe(cluster, group))));
  return groups.sort((a, b) => a.group.localeCompare(b.group));
}

/** Each broker knows the groups that it coordinates. */
async function groupNames(cluster: Cluster): Promise<string[]> {
  await cluster.metadata([]);
  const lists = await Promise.all(
    cluster.nodes().map(async (node) => {
      const { error, groups } = await (await cluster.broker(node)).call(listGroups, null);
      check(error, 'list groups');
      // Connect workers and the like are groups too, but consume nothing.
      return groups.filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '').map(({ group }) => group);
    }),
  );
  return [...new Set(lists.flat())];
}

async function describe(cluster: Cluster, group: string): Promise<Group> {
  const coordinator = await cluster.coordinator(group);
  const [found, committed] = await Promise.all([coordinator.call(describeGroups, { groups: [group] }), coordinator.call(offsetFetch, { group })]);
  check(committed.error, `offsets of group ${group}`);
  const description = found[0];
  // A group of the new protocol (KIP-848) is not found here; its offsets are.
  const known = description !== undefined && description.error !== ErrorCode.GROUP_ID_NOT_FOUND;
  if (known) check(description.error, `describe group ${group}`);
  return {
    group,
    state: known && description.state !== 'Dead' ? description.state : 'Unknown',
    members: known ? description.members : 0,
    offsets: committed.offsets.filter(({ offset, error }) => offset >= 0 && error === 0),
  };
}
