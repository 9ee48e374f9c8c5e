import * as z from 'zod';
import { VERSIONS } from '../catalog.ts';
import { found, invalid, Refusal } from '../refusal.ts';
import { accepted, created, noContent, ok, page, PAGE, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { deleteCluster } from './delete.ts';
import { checkTags, createCluster, settingsOf } from './create.ts';
import { type ClusterRow, clusterView, say } from './row.ts';
import { changedCluster, newCluster } from './shapes.ts';

export const CLUSTERS = '/v2/kubernetes/clusters';
export const CLUSTER = `${CLUSTERS}/{cluster_id}`;

export const clusterRoutes: readonly Route[] = [
  route('GET', CLUSTERS, { scopes: ['kubernetes:read'], query: PAGE }, (call) => page(call, 'kubernetes_clusters', [...call.world.state.clusters.values()].map((one) => clusterView(one, call.world)))),
  route('POST', CLUSTERS, { scopes: ['kubernetes:create'], body: newCluster }, ({ world, body, token }) => {
    if ((body.tags?.length ?? 0) > 0 && token.scopes?.includes('tag:create') === false) throw new Refusal(403, 'You are missing the required permission tag:create.');
    return created({ kubernetes_cluster: clusterView(createCluster(world, body), world) });
  }),
  route('GET', CLUSTER, { scopes: ['kubernetes:read'] }, ({ world, params }) => ok({ kubernetes_cluster: clusterView(clusterOf(world, params), world) })),
  route('PUT', CLUSTER, { scopes: ['kubernetes:update'], body: changedCluster }, ({ world, params, body }) => {
    const cluster = alive(clusterOf(world, params));
    checkTags(body.tags);
    if (body.ha === false && cluster.ha) throw invalid('validation error: high availability cannot be disabled');
    if (body.name !== cluster.name && [...world.state.clusters.values()].some(({ name }) => name === body.name)) throw invalid('cluster name already exists');
    const { name, tags, auto_upgrade, surge_upgrade, ha, maintenance_policy } = body;
    Object.assign(cluster, {
      name, tags: tags ?? cluster.tags, auto_upgrade: auto_upgrade ?? cluster.auto_upgrade, surge_upgrade: surge_upgrade ?? cluster.surge_upgrade, ha: ha ?? cluster.ha,
      maintenance: maintenance_policy ?? cluster.maintenance, settings: { ...cluster.settings, ...settingsOf(body) }, updated: world.clock.now(),
    });
    return accepted({ kubernetes_cluster: clusterView(cluster, world) });
  }),
  route('DELETE', CLUSTER, { scopes: ['kubernetes:delete'] }, ({ world, params }) => {
    deleteCluster(world, clusterOf(world, params));
    return noContent;
  }),
  route('GET', `${CLUSTER}/upgrades`, { scopes: ['kubernetes:read'] }, ({ world, params }) => ok({ available_upgrade_versions: upgradesOf(clusterOf(world, params)) })),
  route('POST', `${CLUSTER}/upgrade`, { scopes: ['kubernetes:update'], body: z.strictObject({ version: z.string() }) }, ({ world, params, body }) => {
    const cluster = alive(clusterOf(world, params));
    if (cluster.state !== 'running') throw invalid(`validation error: cluster is ${cluster.state}`);
    if (!upgradesOf(cluster).some(({ slug }) => slug === body.version)) throw invalid('validation error: invalid version slug');
    cluster.state = 'upgrading';
    say(cluster, world, `Upgrading to ${body.version}`);
    world.clock.after(world.durations.upgrade, () => {
      if (cluster.state !== 'upgrading') return;
      Object.assign(cluster, { state: 'running', version: body.version });
      say(cluster, world, `Runs ${body.version}`);
    });
    return accepted();
  }),
  route('GET', `${CLUSTER}/status_messages`, { scopes: ['kubernetes:read'], query: ['since'] }, ({ world, params, query }) => {
    const since = query.get('since');
    const { messages } = clusterOf(world, params);
    return ok({ messages: since === null ? messages : messages.filter(({ timestamp }) => timestamp >= since) });
  }),
];

export function clusterOf({ state }: World, params: Readonly<Record<string, string>>): ClusterRow {
  return found(state.clusters.get(params['cluster_id'] ?? ''));
}

/** A cluster that can still be changed. */
export function alive(cluster: ClusterRow): ClusterRow {
  if (cluster.state === 'deleting') throw new Refusal(409, 'cluster is being deleted');
  return cluster;
}

/** Newer patches of its minor version, and the next minor version. */
function upgradesOf({ version }: ClusterRow): { slug: string; kubernetes_version: string; supported_features: string[] }[] {
  const minor = (text: string): number => Number(text.split('.')[1]);
  const at = VERSIONS.findIndex(({ slug }) => slug === version);
  return VERSIONS.slice(0, Math.max(at, 0)).filter(({ slug }) => minor(slug) - minor(version) <= 1).map((one) => ({ ...one, supported_features: [] }));
}
