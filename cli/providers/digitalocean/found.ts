import type { ApiAssociated, ApiCluster, ApiLoadBalancer, ApiSize, ApiSnapshot, ApiVolume, ApiVpc } from './api.ts';
import type { DigitalOcean } from './client.ts';
import { allClusters, allVpcs } from './cluster/find.ts';
import type { Leaving } from './leaving.ts';
import { markOf, type Owner, tagOfCluster } from './marks.ts';

/** A managed database, as far as it is counted here. */
export interface FoundDatabase {
  id: string;
  name: string;
  engine: string;
  size: string;
  num_nodes: number;
  status?: string;
  tags?: readonly string[] | null;
  private_network_uuid?: string;
  created_at?: string;
}

/** Everything at DigitalOcean that is one environment's. */
export interface Found {
  cluster?: ApiCluster;
  vpc?: ApiVpc;
  databases: readonly FoundDatabase[];
  loadBalancers: readonly ApiLoadBalancer[];
  volumes: readonly ApiVolume[];
  snapshots: readonly ApiSnapshot[];
  sizes: readonly ApiSize[];
}

/**
 * What carries the environment's mark, and what its cluster made: associated with it, with the cluster's tag, in its network, or written
 * down when the cluster went. Nothing else of the account is in it. A token that may not look at all of it is refused: what it does not
 * see is not taken for gone. Errors: those of the client.
 */
export async function findAll(api: DigitalOcean, owner: Owner, leaving: Leaving): Promise<Found> {
  const [clusters, vpcs, databases, sizes] = await Promise.all([allClusters(api), allVpcs(api), api.list<FoundDatabase>('/v2/databases', 'databases'), api.list<ApiSize>('/v2/sizes', 'sizes')]);
  const mark = markOf(owner);
  const cluster = clusters.find(({ tags }) => tags?.includes(mark));
  const vpc = vpcs.find(({ description }) => description === mark);
  const outside = await findOutside(api, { ...(cluster ? { cluster } : {}), ...(vpc ? { vpc } : {}) }, leaving);
  return { ...(cluster ? { cluster } : {}), ...(vpc ? { vpc } : {}), databases: databases.filter(({ tags }) => tags?.includes(mark)), sizes, ...outside };
}

/** Load balancers, volumes and snapshots that a cluster made. */
export async function findOutside(api: DigitalOcean, { cluster, vpc }: Pick<Found, 'cluster' | 'vpc'>, leaving: Leaving): Promise<Pick<Found, 'loadBalancers' | 'volumes' | 'snapshots'>> {
  const associated = cluster ? await associatedWith(api, cluster.id) : {};
  const [balancers, volumes, snapshots] = await Promise.all([
    api.list<ApiLoadBalancer>('/v2/load_balancers', 'load_balancers'),
    api.list<ApiVolume>('/v2/volumes', 'volumes'),
    api.list<ApiSnapshot>('/v2/snapshots', 'snapshots', { resource_type: 'volume' }),
  ]);
  const clusters = [...leaving.clusters, ...(cluster ? [cluster.id] : [])].map(tagOfCluster);
  const tagged = ({ tags }: { tags?: readonly string[] | null }): boolean => clusters.some((tag) => tags?.includes(tag));
  const named = (some: readonly { id: string }[] | null | undefined, noted: readonly string[]): Set<string> => new Set([...(some ?? []).map(({ id }) => id), ...noted]);
  const [ourBalancers, ourVolumes, ourSnapshots] = [named(associated.load_balancers, leaving.loadBalancers), named(associated.volumes, leaving.volumes), named(associated.volume_snapshots, leaving.snapshots)];
  return {
    loadBalancers: balancers.filter((one) => ourBalancers.has(one.id) || tagged(one) || (vpc !== undefined && vpc.default !== true && one.vpc_uuid === vpc.id)),
    volumes: volumes.filter((one) => ourVolumes.has(one.id) || tagged(one)),
    snapshots: snapshots.filter((one) => ourSnapshots.has(one.id) || tagged(one)),
  };
}

/** Nothing where the cluster is not so far yet, or gone already. */
export async function associatedWith(api: DigitalOcean, cluster: string): Promise<ApiAssociated> {
  return (await api.find<ApiAssociated>(`/v2/kubernetes/clusters/${cluster}/destroy_with_associated_resources`)) ?? {};
}
