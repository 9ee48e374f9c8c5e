import { NODE_SIZES } from '../catalog.ts';
import type { ClusterRow, NodeRow, PoolRow } from '../clusters/row.ts';
import type { ApiServer, KubernetesObject } from './api.ts';

const POOL = 'doks.digitalocean.com/node-pool';
const ID = 'doks.digitalocean.com/node-id';

/** A Node object for each node that runs, and none for those that are gone: for an API server that has no machines of its own. */
export async function makeNodes(cluster: ClusterRow, api: ApiServer): Promise<void> {
  const there = new Map((await api.list('/api/v1/nodes')).filter(({ metadata }) => metadata.labels?.[ID] !== undefined).map(({ metadata }) => [metadata.labels?.[ID] ?? '', metadata.name]));
  for (const { pool, node } of runningIn(cluster)) {
    if (there.delete(node.id)) continue;
    const size = NODE_SIZES.find(({ slug }) => slug === pool.size);
    const room = { cpu: String(size?.vcpus ?? 1), memory: `${size?.memory ?? 2048}Mi`, pods: '110' };
    await api.create('/api/v1/nodes', {
      apiVersion: 'v1', kind: 'Node',
      metadata: { name: node.name, labels: { ...labelsOf(cluster, pool, node), 'kubernetes.io/hostname': node.name } },
      spec: { providerID: `digitalocean://${node.droplet}`, taints: pool.taints },
    });
    await api.patch(`/api/v1/nodes/${node.name}/status`, { status: { capacity: room, allocatable: room, conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }] } });
  }
  for (const name of there.values()) await api.remove(`/api/v1/nodes/${name}`);
}

/** Each node that runs is a Node that a kubelet has made, and is known by that one's name from then on: for an API server with real machines. */
export async function adoptNodes(cluster: ClusterRow, api: ApiServer): Promise<void> {
  const running = runningIn(cluster);
  const there = await api.list('/api/v1/nodes');
  const idOf = (at: KubernetesObject): string | undefined => at.metadata.labels?.[ID];
  const free = there.filter((at) => !running.some(({ node }) => node.id === idOf(at)));
  for (const { pool, node } of running.filter((one) => !there.some((at) => idOf(at) === one.node.id))) {
    const machine = free.shift();
    if (!machine) return;
    node.name = machine.metadata.name;
    await api.patch(`/api/v1/nodes/${node.name}`, { metadata: { labels: labelsOf(cluster, pool, node) } });
  }
}

function runningIn({ pools }: ClusterRow): { pool: PoolRow; node: NodeRow }[] {
  return pools.flatMap((pool) => pool.nodes.filter(({ state }) => state === 'running').map((node) => ({ pool, node })));
}

function labelsOf({ region }: ClusterRow, pool: PoolRow, node: NodeRow): Record<string, string> {
  return { ...pool.labels, [POOL]: pool.name, [ID]: node.id, 'node.kubernetes.io/instance-type': pool.size, 'topology.kubernetes.io/region': region };
}
