import { randomUUID } from 'node:crypto';
import type { World } from '../world.ts';

/** A real API server that a simulated cluster stands for. */
export interface ClusterBehind {
  server: string;
  /** PEM. */
  ca: string;
  /** What its user signs in with; a function is asked each time credentials are. */
  token: string | (() => string);
}

export interface NodeRow {
  id: string;
  name: string;
  droplet: string;
  state: 'provisioning' | 'running' | 'draining' | 'deleting';
  created: number;
}

export interface Taint {
  key: string;
  value: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface PoolRow {
  id: string;
  name: string;
  size: string;
  tags: string[];
  labels: Record<string, string>;
  taints: Taint[];
  auto_scale: boolean;
  min_nodes: number;
  max_nodes: number;
  nodes: NodeRow[];
}

export interface ClusterRow {
  id: string;
  name: string;
  region: string;
  version: string;
  vpc: string;
  cluster_subnet: string;
  service_subnet: string;
  /** Its ranges were asked for and are part of the VPC, so that nothing else of the account may have them. */
  native: boolean;
  tags: string[];
  pools: PoolRow[];
  ha: boolean;
  auto_upgrade: boolean;
  surge_upgrade: boolean;
  maintenance: { day: string; start_time: string };
  /** Further settings, given back as they came. */
  settings: Record<string, unknown>;
  registries: string[];
  state: 'provisioning' | 'running' | 'degraded' | 'error' | 'upgrading' | 'deleting';
  message: string;
  messages: { message: string; timestamp: string }[];
  created: number;
  updated: number;
  behind?: ClusterBehind;
}

/** A node as it is asked for: without name and Droplet, as the first answer of the real API has it. */
export function newNode(world: World): NodeRow {
  return { id: randomUUID(), name: '', droplet: '', state: 'provisioning', created: world.clock.now() };
}

/** Gives a node its name and Droplet, and says that it runs. */
export function startNode(pool: PoolRow, node: NodeRow): void {
  if (node.state !== 'provisioning') return;
  node.name = `${pool.name}-${node.id.slice(0, 5)}`;
  node.droplet = String(400_000_000 + Number.parseInt(node.id.slice(0, 6), 16));
  node.state = 'running';
}

/** How many Droplets the account has. */
export function droplets({ state }: World): number {
  return [...state.clusters.values()].flatMap(({ pools }) => pools).reduce((sum, { nodes }) => sum + nodes.length, 0);
}

export function endpoint({ id, state, behind }: ClusterRow): string {
  if (state === 'provisioning') return '';
  return behind?.server ?? `https://${id}.k8s.ondigitalocean.com`;
}

export function poolView(pool: PoolRow, world: World): Record<string, unknown> {
  const { nodes, ...fields } = pool;
  return { ...fields, count: nodes.length, nodes: nodes.map((node) => nodeView(node, world)) };
}

function nodeView({ id, name, droplet, state, created }: NodeRow, { clock }: World): Record<string, unknown> {
  return { id, name, status: { state }, droplet_id: droplet, created_at: clock.iso(created), updated_at: clock.iso() };
}

export function clusterView(cluster: ClusterRow, world: World): Record<string, unknown> {
  const { id, name, region, version, tags, ha, auto_upgrade, surge_upgrade, cluster_subnet, service_subnet } = cluster;
  const shown = endpoint(cluster);
  return {
    id, name, region, version, cluster_subnet, service_subnet, vpc_uuid: cluster.vpc,
    // With a control plane of several machines there is no one address.
    ipv4: shown === '' || ha ? '' : '203.0.113.10',
    endpoint: shown,
    tags: ['k8s', `k8s:${id}`, ...tags],
    node_pools: cluster.pools.map((pool) => poolView(pool, world)),
    maintenance_policy: { ...cluster.maintenance, duration: '4h0m0s' },
    auto_upgrade, surge_upgrade, ha,
    ...cluster.settings,
    status: { state: cluster.state, ...(cluster.message === '' ? {} : { message: cluster.message }) },
    created_at: world.clock.iso(cluster.created),
    updated_at: world.clock.iso(cluster.updated),
    registry_enabled: cluster.registries.length > 0,
    registries: cluster.registries,
  };
}

/** A cluster says what it is doing; the newest message is also its status. */
export function say(cluster: ClusterRow, { clock }: World, message: string): void {
  cluster.messages.push({ message, timestamp: clock.iso() });
  cluster.updated = clock.now();
}
