import { found, invalid } from '../refusal.ts';
import { accepted, created, noContent, ok, page, PAGE, type Route, route } from '../route.ts';
import { linger } from '../vpcs.ts';
import type { World } from '../world.ts';
import { checkPools, newPoolRow } from './create.ts';
import { alive, CLUSTER, clusterOf } from './routes.ts';
import { type ClusterRow, newNode, type PoolRow, poolView, startNode } from './row.ts';
import { changedPool, newPool } from './shapes.ts';

const POOLS = `${CLUSTER}/node_pools`;
const POOL = `${POOLS}/{node_pool_id}`;

export const nodePoolRoutes: readonly Route[] = [
  route('GET', POOLS, { scopes: ['kubernetes:read'], query: PAGE, undocumented: 'godo sends page and per_page' }, (call) =>
    page(call, 'node_pools', clusterOf(call.world, call.params).pools.map((pool) => poolView(pool, call.world)))),
  route('POST', POOLS, { scopes: ['kubernetes:update'], body: newPool }, ({ world, params, body }) => {
    const cluster = alive(clusterOf(world, params));
    checkPools(world, [body]);
    if (cluster.pools.some(({ name }) => name === body.name)) throw invalid('validation error: node pool name already exists');
    const pool = newPoolRow(world, body);
    cluster.pools.push(pool);
    startLater(world, cluster, pool);
    return created({ node_pool: poolView(pool, world) });
  }),
  route('GET', POOL, { scopes: ['kubernetes:read'] }, ({ world, params }) => ok({ node_pool: poolView(poolOf(clusterOf(world, params), params), world) })),
  route('PUT', POOL, { scopes: ['kubernetes:update'], body: changedPool }, ({ world, params, body }) => {
    const cluster = alive(clusterOf(world, params));
    const pool = poolOf(cluster, params);
    const { count, name, labels, taints, tags, auto_scale = pool.auto_scale, min_nodes = pool.min_nodes, max_nodes = pool.max_nodes } = body;
    if (count > pool.nodes.length) checkPools(world, [{ name, size: pool.size, count: count - pool.nodes.length }]);
    Object.assign(pool, { name, labels: labels ?? pool.labels, taints: taints ?? pool.taints, tags: tags === undefined ? pool.tags : ['k8s', 'k8s:worker', ...tags], auto_scale });
    Object.assign(pool, auto_scale ? { min_nodes, max_nodes } : { min_nodes: 0, max_nodes: 0 });
    resize(world, cluster, pool, count);
    return accepted({ node_pool: poolView(pool, world) });
  }),
  route('DELETE', POOL, { scopes: ['kubernetes:update'] }, ({ world, params }) => {
    const cluster = alive(clusterOf(world, params));
    const pool = poolOf(cluster, params);
    if (cluster.pools.length === 1) throw invalid('validation error: a cluster must have at least one node pool');
    resize(world, cluster, pool, 0);
    cluster.pools = cluster.pools.filter((one) => one !== pool);
    return noContent;
  }),
  route('DELETE', `${POOL}/nodes/{node_id}`, { scopes: ['kubernetes:update'], query: ['skip_drain', 'replace'] }, ({ world, params, query }) => {
    const cluster = alive(clusterOf(world, params));
    const pool = poolOf(cluster, params);
    const node = found(pool.nodes.find(({ id }) => id === params['node_id']));
    remove(world, cluster, pool, [node]);
    if (query.get('replace') === '1') {
      pool.nodes.push(newNode(world));
      startLater(world, cluster, pool);
    }
    return accepted();
  }),
];

/** Gives a pool another number of nodes, as PUT and the autoscaler do; the newest go first. */
export function resize(world: World, cluster: ClusterRow, pool: PoolRow, count: number): void {
  if (count < pool.nodes.length) return remove(world, cluster, pool, pool.nodes.slice(count));
  if (count === pool.nodes.length) return;
  pool.nodes.push(...Array.from({ length: count - pool.nodes.length }, () => newNode(world)));
  startLater(world, cluster, pool);
}

function remove(world: World, cluster: ClusterRow, pool: PoolRow, gone: PoolRow['nodes']): void {
  pool.nodes = pool.nodes.filter((node) => !gone.includes(node));
  for (const { droplet, name } of gone) if (droplet !== '') linger(world, cluster.vpc, `do:droplet:${droplet}`, name);
}

function startLater(world: World, cluster: ClusterRow, pool: PoolRow): void {
  world.clock.after(world.durations.nodes, () => {
    // Of a cluster that is still provisioned, nodes run when the cluster does.
    if (cluster.state === 'running' || cluster.state === 'upgrading') for (const node of pool.nodes) startNode(pool, node);
  });
}

function poolOf({ pools }: ClusterRow, params: Readonly<Record<string, string>>): PoolRow {
  return found(pools.find(({ id }) => id === params['node_pool_id']));
}
