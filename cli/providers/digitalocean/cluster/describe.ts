import type { ClusterSummary } from '../../provider.ts';
import type { ApiCluster, ApiSize } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { ownerOf } from '../marks.ts';
import { allClusters } from './find.ts';

/** All clusters of the account, ours with whose they are. */
export async function summaries(api: DigitalOcean): Promise<ClusterSummary[]> {
  const [clusters, sizes] = await Promise.all([allClusters(api), api.list<ApiSize>('/v2/sizes', 'sizes')]);
  return clusters.map((cluster) => summaryOf(cluster, sizes));
}

export function summaryOf({ id, name, region, version, tags, status, node_pools, endpoint, ha = false, created_at }: ApiCluster, sizes: readonly ApiSize[]): ClusterSummary {
  const owner = (tags ?? []).flatMap((tag) => ownerOf(tag) ?? [])[0];
  const prices = node_pools.map(({ size, count }) => (sizes.find(({ slug }) => slug === size)?.price_monthly ?? Number.NaN) * count);
  const monthly = prices.reduce((sum, price) => sum + price, 0);
  return {
    id, name, region, version, ha,
    state: status?.state ?? 'provisioning',
    ...(status?.message ? { message: status.message } : {}),
    ...(owner ?? {}),
    ...(endpoint ? { endpoint } : {}),
    pools: node_pools.map(({ name: pool, size, count, auto_scale, min_nodes, max_nodes }) => ({ name: pool, size, count, ...(auto_scale ? { min: min_nodes ?? 0, max: max_nodes ?? 0 } : {}) })),
    since: Date.parse(created_at),
    ...(Number.isNaN(monthly) ? {} : { nodesMonthly: monthly }),
  };
}
