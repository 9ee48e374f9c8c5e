import { Kubernetes } from '../../../kubernetes/client.ts';
import { reasonOf } from '../../../kubernetes/failures.ts';
import type { Cluster } from '../../provider.ts';
import type { ApiCluster, ApiPool } from '../api.ts';
import type { SignInGiven } from './sign-in.ts';

interface Node {
  metadata: { name: string };
  status?: { conditions?: readonly { type: string; status: string; reason?: string; message?: string }[] };
}

/** Why the nodes of a cluster cannot take pods yet; undefined when as many as there must be are Ready. */
export async function whyNoNodes(given: Pick<SignInGiven, 'env' | 'redactor' | 'stop'>, cluster: Cluster, { node_pools }: Pick<ApiCluster, 'node_pools'>): Promise<string | undefined> {
  using kubernetes = new Kubernetes(cluster.access, given);
  const { status, body } = await kubernetes.ask<{ items?: readonly Node[] }>('/api/v1/nodes');
  if (status !== 200) return `nodes cannot be listed: ${status} ${reasonOf(body)}`;
  return reasonFor(body.items ?? [], node_pools);
}

/** Pure: what the API server says of nodes against what the pools must have. */
export function reasonFor(nodes: readonly Node[], pools: readonly ApiPool[]): string | undefined {
  // Of a scaled pool its least: the autoscaler may take the others away again at any moment.
  const least = pools.reduce((sum, { auto_scale, min_nodes = 0, count }) => sum + (auto_scale ? Math.min(min_nodes, count) : count), 0);
  const ready = nodes.filter((node) => readyOf(node)?.status === 'True');
  if (ready.length >= Math.max(1, least)) return undefined;
  const waiting = nodes.filter((node) => !ready.includes(node)).map((node) => `${node.metadata.name}: ${readyOf(node)?.message ?? readyOf(node)?.reason ?? 'has just come'}`);
  const coming = pools.flatMap(({ nodes: some }) => some ?? []).filter(({ name, status }) => status?.state !== 'running' || !nodes.some(({ metadata }) => metadata.name === name));
  const said = waiting.length > 0 ? waiting : coming.map(({ name, id, status }) => `${name || `node ${id.slice(0, 8)}`}: ${status?.message ?? status?.state ?? 'asked for'}`);
  return `${ready.length} of ${Math.max(1, least)} nodes are Ready${said.length > 0 ? `; ${said.slice(0, 3).join(', ')}` : ''}`;
}

function readyOf({ status }: Node): { status: string; reason?: string; message?: string } | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
