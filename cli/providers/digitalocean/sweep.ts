import type { Resource } from '../resource.ts';
import type { ApiCluster, ApiVpc } from './api.ts';
import type { DigitalOcean } from './client.ts';
import { allClusters, allVpcs } from './cluster/find.ts';
import { type Found, type FoundDatabase, findAll } from './found.ts';
import type { Leaving } from './leaving.ts';
import { markOf, type Owner, ownerOf } from './marks.ts';
import { type MarkedName, markedNames } from './names.ts';
import { ownersOfProjects, projectsOf } from './projects.ts';

/** What an earlier run left of one environment, and why it is taken for left. */
export interface Leftover {
  owner: Owner;
  why: string;
  found: Found;
  names: readonly MarkedName[];
  projects: readonly Resource[];
}

export interface SweepGiven {
  api: DigitalOcean;
  platform: string;
  /** Environments that todoctl.yaml names. */
  environments: readonly string[];
  /** What is noted of a cluster that was deleted. */
  leaving: (owner: Owner) => Promise<Leaving>;
}

/**
 * What carries the platform's mark and belongs to no environment that lives: todoctl.yaml no longer names it, or its cluster is gone or
 * was never made. A database that somebody kept, and the network that it is in, are not left over.
 */
export async function findLeftovers({ api, platform, environments, leaving }: SweepGiven): Promise<Leftover[]> {
  const [clusters, vpcs, names, projects] = await Promise.all([allClusters(api), allVpcs(api), markedNames(api), ownersOfProjects(api)]);
  const databases = await api.list<FoundDatabase>('/v2/databases', 'databases');
  const owners = ownersOf(platform, clusters, vpcs, databases, [...names.map(({ owner }) => owner), ...projects]);
  const all = await Promise.all(owners.map(async (owner) => ({
    owner,
    found: await findAll(api, owner, await leaving(owner)),
    names: names.filter((name) => markOf(name.owner) === markOf(owner)),
    projects: await projectsOf(api, owner),
  })));
  return all.flatMap((one) => {
    const why = whyLeft(one.owner, one.found, environments);
    return why === undefined ? [] : [{ ...one, why }];
  });
}

function ownersOf(platform: string, clusters: readonly ApiCluster[], vpcs: readonly ApiVpc[], databases: readonly FoundDatabase[], others: readonly Owner[]): Owner[] {
  // The default network of a region cannot go, so it is no reason to look.
  const marks = [...clusters, ...databases].flatMap(({ tags }) => tags ?? []).concat(vpcs.flatMap(({ description, default: stays }) => (stays ? [] : [description ?? ''])), others.map(markOf));
  return [...new Set(marks)].flatMap((mark) => ownerOf(mark) ?? []).filter((owner) => owner.platform === platform);
}

function whyLeft({ environment }: Owner, { cluster, databases }: Found, environments: readonly string[]): string | undefined {
  if (!environments.includes(environment)) return 'todoctl.yaml has no such environment';
  return cluster || databases.length > 0 ? undefined : 'its cluster is gone, or was never made';
}
