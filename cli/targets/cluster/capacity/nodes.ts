import type { Environment } from '../../../definition/platform.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { SIZES, VOLUMES_PER_NODE } from '../../../providers/digitalocean/sizes.ts';
import { quantityOf } from '../compare/differences.ts';

/** The nodes that pods of an environment may use, all of one size. */
export interface Nodes {
  size?: string;
  /** What one node gives to pods: thousandths of a CPU, MiB, volumes. */
  cpu: number;
  memory: number;
  volumes: number;
  /** How many there are at least, now, and at most. */
  least: number;
  count: number;
  most: number;
  /** Where the figures come from. */
  source: string;
  asOf?: string;
}

/** A node as a cluster lists it; as much as is read. */
export interface LiveNode {
  metadata: { labels?: Record<string, string> };
  spec?: { unschedulable?: boolean };
  status?: { allocatable?: Record<string, string> };
}

/** The nodes of a cluster; undefined where one may not see them. */
export async function liveNodes(kubernetes: Kubernetes): Promise<LiveNode[] | undefined> {
  const { status, body } = await kubernetes.ask<{ items?: LiveNode[] }>('/api/v1/nodes');
  return status === 200 ? body.items : undefined;
}

/** What an environment has room on: the nodes that are there, else those that its definition asks for; undefined where neither is known. */
export function nodesOf({ nodes, provider }: Environment, live: readonly LiveNode[] | undefined): Nodes | undefined {
  const there = smallest(live ?? []);
  const count = live && there ? live.length : nodes?.count;
  if (count === undefined) return undefined;
  const bounds = { least: Math.min(nodes?.min ?? count, count), count, most: Math.max(nodes?.max ?? count, count) };
  const size = nodes?.size === undefined ? {} : { size: nodes.size };
  // A definition that asks for other nodes than there are is planned with those.
  if (there && (nodes?.size === undefined || there.size === undefined || there.size === nodes.size)) return { ...size, ...there, ...bounds, source: 'the nodes of the cluster' };
  const known = provider === 'digitalocean' ? SIZES.sizes.find(({ slug }) => slug === nodes?.size) : undefined;
  return known && { ...size, ...known.allocatable, volumes: VOLUMES_PER_NODE, ...bounds, source: SIZES.source, asOf: SIZES.asOf };
}

/** Of nodes that differ the least one counts: a pod may land there. */
function smallest(nodes: readonly LiveNode[]): Pick<Nodes, 'size' | 'cpu' | 'memory' | 'volumes'> | undefined {
  const usable = nodes.filter(({ spec }) => spec?.unschedulable !== true);
  if (usable.length === 0) return undefined;
  const least = (key: string): number => Math.min(...usable.map(({ status }) => quantityOf(status?.allocatable?.[key]) ?? Number.POSITIVE_INFINITY));
  const size = usable[0]?.metadata.labels?.['node.kubernetes.io/instance-type'];
  return { ...(size === undefined ? {} : { size }), cpu: Math.round(least('cpu') * 1000), memory: Math.floor(least('memory') / 2 ** 20), volumes: VOLUMES_PER_NODE };
}
