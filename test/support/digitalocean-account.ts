// A simulated account at DigitalOcean on which others have much, and whose clusters are a real API server.
import type { ClusterBehind } from '../simulators/digitalocean/clusters/row.ts';
import { type DigitalOcean, type DigitalOceanOptions, startDigitalOcean } from '../simulators/digitalocean/start.ts';

/** Milliseconds of the simulated clock, which runs by itself and as fast as that of this machine. */
const QUICK = { cluster: 1000, nodes: 500, upgrade: 1000, clusterGone: 1000, member: 3000, loadBalancer: 1000, loadBalancerGone: 500, volumeGone: 500, database: 1500, databaseGone: 500 };
/** What the account has before anything is made. */
const THEIRS = 40;

/** Starts it; minutes of DigitalOcean's are seconds. */
export async function openAccount(behind: ClusterBehind, given: Pick<DigitalOceanOptions, 'controllers' | 'databaseBehind' | 'databaseCa'>): Promise<DigitalOcean> {
  return startDigitalOcean({ others: THEIRS, speed: 1, start: Date.now(), durations: QUICK, limits: { perMinute: 100_000, perHour: 1_000_000 }, behind, ...given });
}

/** Names of what this platform has there: clusters, networks, databases, load balancers, volumes. */
export function oursIn({ state: { clusters, vpcs, databases, loadBalancers, volumes } }: Pick<DigitalOcean, 'state'>): string[] {
  const all = [...clusters.values(), ...[...vpcs.values()].filter(({ description }) => description.startsWith('todoctl:')), ...databases.values(), ...loadBalancers.values(), ...volumes.values()];
  return all.map(({ name }) => name).filter((name) => !isTheirs(name));
}

/** What is left of the others' load balancers and volumes. */
export function theirsIn({ state: { loadBalancers, volumes } }: Pick<DigitalOcean, 'state'>): { loadBalancers: number; volumes: string[] } {
  return { loadBalancers: [...loadBalancers.values()].filter(({ name }) => isTheirs(name)).length, volumes: [...volumes.values()].map(({ name }) => name).filter(isTheirs) };
}

function isTheirs(name: string): boolean {
  return name.startsWith('their-') || name === 'pvc-of-theirs';
}
