import { NODE_SIZES } from '../catalog.ts';
import type { ClusterRow } from '../clusters/row.ts';
import type { ApiServer } from './api.ts';

const POOL = 'doks.digitalocean.com/node-pool';
const ID = 'doks.digitalocean.com/node-id';

/** A Node object for each node that runs, and none for those that are gone: for an API server that has no machines of its own. */
export async function reconcileNodes(cluster: ClusterRow, api: ApiServer): Promise<void> {
  const there = new Map((await api.list('/api/v1/nodes')).filter(({ metadata }) => metadata.labels?.[ID] !== undefined).map(({ metadata }) => [metadata.labels?.[ID] ?? '', metadata.name]));
  const running = cluster.pools.flatMap((pool) => pool.nodes.filter(({ state }) => state === 'running').map((node) => ({ pool, node })));
  for (const { pool, node } of running) {
    if (there.delete(node.id)) continue;
    const size = NODE_SIZES.find(({ slug }) => slug === pool.size);
    const room = { cpu: String(size?.vcpus ?? 1), memory: `${size?.memory ?? 2048}Mi`, pods: '110' };
    await api.create('/api/v1/nodes', {
      apiVersion: 'v1', kind: 'Node',
      metadata: { name: node.name, labels: { ...pool.labels, [POOL]: pool.name, [ID]: node.id, 'kubernetes.io/hostname': node.name, 'node.kubernetes.io/instance-type': pool.size, 'topology.kubernetes.io/region': cluster.region } },
      spec: { providerID: `digitalocean://${node.droplet}`, taints: pool.taints },
    });
    await api.patch(`/api/v1/nodes/${node.name}/status`, { status: { capacity: room, allocatable: room, conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }] } });
  }
  for (const name of there.values()) await api.remove(`/api/v1/nodes/${name}`);
}
