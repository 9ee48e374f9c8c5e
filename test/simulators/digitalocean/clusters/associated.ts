import * as z from 'zod';
import { deleteLoadBalancer, type LoadBalancerRow } from '../load-balancers.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { deleteVolume, type SnapshotRow, type VolumeRow } from '../volumes.ts';
import type { World } from '../world.ts';
import { deleteCluster } from './delete.ts';
import { CLUSTER, clusterOf } from './routes.ts';
import type { ClusterRow } from './row.ts';

const ASSOCIATED = `${CLUSTER}/destroy_with_associated_resources`;
const ids = z.array(z.string()).optional();

/** What a cluster made outside of itself, and going with it. Once the cluster is gone these answer 404. */
export const associatedRoutes: readonly Route[] = [
  route('GET', ASSOCIATED, { scopes: ['kubernetes:read'] }, ({ world, params }) => {
    const { balancers, volumes, snapshots } = associatedWith(world, clusterOf(world, params));
    const named = (rows: readonly { id: string; name: string }[]): unknown[] => rows.map(({ id, name }) => ({ id, name }));
    return ok({ load_balancers: named(balancers), volumes: named(volumes), volume_snapshots: named(snapshots) });
  }),
  route('DELETE', `${ASSOCIATED}/selective`, { scopes: ['kubernetes:delete'], body: z.strictObject({ load_balancers: ids, volumes: ids, volume_snapshots: ids }) }, ({ world, params, body }) => {
    const cluster = clusterOf(world, params);
    const { balancers, volumes, snapshots } = associatedWith(world, cluster);
    const chosen = <T extends { id: string }>(rows: readonly T[], wanted: readonly string[] = []): T[] => rows.filter(({ id }) => wanted.includes(id));
    destroy(world, cluster, { balancers: chosen(balancers, body.load_balancers), volumes: chosen(volumes, body.volumes), snapshots: chosen(snapshots, body.volume_snapshots) });
    return noContent;
  }),
  route('DELETE', `${ASSOCIATED}/dangerous`, { scopes: ['kubernetes:delete'] }, ({ world, params }) => {
    const cluster = clusterOf(world, params);
    destroy(world, cluster, associatedWith(world, cluster));
    return noContent;
  }),
];

interface Associated {
  balancers: LoadBalancerRow[];
  volumes: VolumeRow[];
  snapshots: SnapshotRow[];
}

export function associatedWith({ state }: World, { id }: ClusterRow): Associated {
  const tag = `k8s:${id}`;
  const volumes = [...state.volumes.values()].filter(({ tags }) => tags.includes(tag));
  return {
    balancers: [...state.loadBalancers.values()].filter(({ tags }) => tags.includes(tag)),
    volumes,
    snapshots: [...state.snapshots.values()].filter(({ volume, tags }) => tags.includes(tag) || volumes.some((one) => one.id === volume)),
  };
}

function destroy(world: World, cluster: ClusterRow, { balancers, volumes, snapshots }: Associated): void {
  for (const one of balancers) deleteLoadBalancer(world, one);
  for (const { id } of snapshots) world.state.snapshots.delete(id);
  deleteCluster(world, cluster);
  // Volumes are still attached to Droplets, and go after those.
  for (const one of volumes) {
    one.droplets = [];
    world.clock.after(world.durations.clusterGone, () => deleteVolume(world, one));
  }
}
