import { randomUUID } from 'node:crypto';
import { NODE_SIZES, VERSIONS } from '../catalog.ts';
import { overlapping } from '../cidr.ts';
import { invalid } from '../refusal.ts';
import { knownRegion } from '../regions.ts';
import { defaultVpc } from '../vpcs.ts';
import type { World } from '../world.ts';
import { type ClusterRow, droplets, newNode, type PoolRow, say, startNode } from './row.ts';
import { type NewCluster, type NewPool, SETTINGS } from './shapes.ts';

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const TAG = /^[a-zA-Z0-9_\-:]{1,255}$/;

/** Makes a cluster that is provisioned until its time has come. */
export function createCluster(world: World, body: NewCluster): ClusterRow {
  const { state, clock, durations } = world;
  if (!NAME.test(body.name)) throw invalid('validation error: name is invalid: must consist of lower case alphanumeric characters or "-"');
  if ([...state.clusters.values()].some(({ name }) => name === body.name)) throw invalid('cluster name already exists');
  knownRegion(body.region);
  const version = resolveVersion(body.version);
  checkTags(body.tags);
  checkPools(world, body.node_pools);
  const vpc = body.vpc_uuid === undefined ? defaultVpc(world, body.region) : state.vpcs.get(body.vpc_uuid);
  if (vpc === undefined || vpc.region !== body.region) throw invalid('validation error: invalid VPC UUID');
  for (const range of [body.cluster_subnet, body.service_subnet]) {
    const other = overlapping(range, world);
    if (other !== undefined) throw invalid(`validation error: subnet ${range ?? ''} overlaps with ${other}`);
  }
  const cluster: ClusterRow = {
    id: randomUUID(), name: body.name, region: body.region, version, vpc: vpc.id,
    cluster_subnet: body.cluster_subnet ?? '10.244.0.0/16', service_subnet: body.service_subnet ?? '10.245.0.0/16', native: body.cluster_subnet !== undefined,
    tags: body.tags ?? [], pools: body.node_pools.map((pool) => newPoolRow(world, pool)),
    // From 1.36 on the control plane is the dear one for whoever says nothing.
    ha: body.ha ?? VERSIONS.find(({ slug }) => slug === version)!.kubernetes_version >= '1.36',
    auto_upgrade: body.auto_upgrade ?? false, surge_upgrade: body.surge_upgrade ?? false, maintenance: body.maintenance_policy ?? { day: 'any', start_time: '00:00' },
    settings: settingsOf(body), registries: [], state: 'provisioning', message: '', messages: [], created: clock.now(), updated: clock.now(),
  };
  const behind = world.behind(cluster);
  if (behind !== undefined) cluster.behind = behind;
  state.clusters.set(cluster.id, cluster);
  say(cluster, world, 'Provisioning the control plane');
  clock.after(durations.cluster, () => {
    // A test may have broken it, or it may have been deleted meanwhile.
    if (cluster.state !== 'provisioning') return;
    cluster.state = 'running';
    for (const pool of cluster.pools) for (const node of pool.nodes) startNode(pool, node);
    say(cluster, world, 'Cluster is running');
  });
  return cluster;
}

export function newPoolRow(world: World, { name, size, count, tags, labels, taints, auto_scale = false, min_nodes, max_nodes }: NewPool): PoolRow {
  return {
    id: randomUUID(), name, size, tags: ['k8s', 'k8s:worker', ...(tags ?? [])], labels: labels ?? {}, taints: taints ?? [], auto_scale,
    min_nodes: auto_scale ? (min_nodes ?? 1) : 0, max_nodes: auto_scale ? (max_nodes ?? count) : 0,
    nodes: Array.from({ length: count }, () => newNode(world)),
  };
}

/** A slug, a minor version or `latest`; what comes back is always a slug. */
function resolveVersion(wanted: string): string {
  const version = wanted === 'latest' ? VERSIONS[0] : VERSIONS.find(({ slug, kubernetes_version }) => slug === wanted || kubernetes_version === wanted || kubernetes_version.startsWith(`${wanted}.`));
  if (version === undefined) throw invalid('validation error: invalid version slug');
  return version.slug;
}

/** Sizes, names and how many Droplets the account may have; of an autoscaled pool the most it can become counts. */
export function checkPools(world: World, pools: readonly NewPool[]): void {
  for (const [index, { name, size, count, auto_scale, min_nodes = 1, max_nodes = count }] of pools.entries()) {
    if (!NAME.test(name)) throw invalid(`validation error: worker_node_pool_specs[${index}].invalid name`);
    if (!NODE_SIZES.some(({ slug }) => slug === size)) throw invalid(`validation error: worker_node_pool_specs[${index}].invalid droplet size`);
    if (auto_scale && min_nodes > max_nodes) throw invalid(`validation error: worker_node_pool_specs[${index}].min_nodes must not exceed max_nodes`);
    if (count < 1 && !auto_scale) throw invalid(`validation error: worker_node_pool_specs[${index}].count must be at least 1`);
  }
  const free = world.state.account.dropletLimit - droplets(world);
  const most = pools.reduce((sum, { count, auto_scale, max_nodes }) => sum + (auto_scale ? (max_nodes ?? count) : count), 0);
  if (most <= free) return;
  if (pools.some(({ auto_scale }) => auto_scale)) throw invalid(`validation error: autoscale desired max nodes exceed limits, ${most} additional nodes but not enough available droplet limit`);
  throw invalid('validation error: creating this/these droplet(s) will exceed your droplet limit');
}

export function checkTags(tags: readonly string[] = []): void {
  for (const tag of tags) if (!TAG.test(tag)) throw invalid(`validation error: tags: ${tag} is not a valid tag`);
}

export function settingsOf(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => SETTINGS.includes(key) && value !== undefined));
}
