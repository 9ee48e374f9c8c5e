import { linger } from '../vpcs.ts';
import type { World } from '../world.ts';
import { type ClusterRow, say } from './row.ts';

/** Answers at once; the cluster goes later, its Droplets later still. What it made (load balancers, volumes) stays. */
export function deleteCluster(world: World, cluster: ClusterRow): void {
  if (cluster.state === 'deleting') return;
  cluster.state = 'deleting';
  say(cluster, world, 'Deleting the cluster');
  world.clock.after(world.durations.clusterGone, () => {
    world.state.clusters.delete(cluster.id);
    linger(world, cluster.vpc, `do:kubernetes:${cluster.id}`, cluster.name);
    for (const { nodes } of cluster.pools) for (const { droplet, name } of nodes) if (droplet !== '') linger(world, cluster.vpc, `do:droplet:${droplet}`, name);
  });
}
