import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { ApiCluster, ApiVpc } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { markOf, nameOf, type Owner } from '../marks.ts';
import type { Taken } from './networks.ts';

export async function allClusters(api: DigitalOcean): Promise<ApiCluster[]> {
  const clusters = await api.list<ApiCluster>('/v2/kubernetes/clusters', 'kubernetes_clusters');
  return clusters.filter(({ status }) => status?.state !== 'deleted');
}

export async function allVpcs(api: DigitalOcean): Promise<ApiVpc[]> {
  return api.list<ApiVpc>('/v2/vpcs', 'vpcs');
}

/** The cluster that carries the environment's mark. Errors: TODOCTL_DIGITALOCEAN_NAME_TAKEN, where one without it has the name. */
export function ourCluster(clusters: readonly ApiCluster[], owner: Owner): ApiCluster | undefined {
  const ours = clusters.find(({ tags }) => tags?.includes(markOf(owner)));
  const taken = ours ? undefined : clusters.find(({ name }) => name === nameOf(owner));
  if (taken) throw notOurs('cluster', taken, `it has no tag ${markOf(owner)}`);
  return ours;
}

/** The VPC whose description is the environment's mark. Errors: TODOCTL_DIGITALOCEAN_NAME_TAKEN. */
export function ourVpc(vpcs: readonly ApiVpc[], owner: Owner): ApiVpc | undefined {
  const ours = vpcs.find(({ description }) => description === markOf(owner));
  const taken = ours ? undefined : vpcs.find(({ name }) => name === nameOf(owner));
  if (taken) throw notOurs('VPC', taken, `its description is not ${markOf(owner)}`);
  return ours;
}

function notOurs(kind: string, { name, id, region }: { name: string; id: string; region: string }, why: string): TodoctlError {
  return new TodoctlError('TODOCTL_DIGITALOCEAN_NAME_TAKEN', { message: `There is a ${kind} ${name} in ${region} that is not ours`, details: [`${id}: ${why}`] });
}

/** Addresses of the account that somebody else than this environment has. */
export function takenRanges(clusters: readonly ApiCluster[], vpcs: readonly ApiVpc[], owner: Owner): Taken[] {
  const others = clusters.filter(({ tags }) => !tags?.includes(markOf(owner)));
  return [
    ...vpcs.filter(({ description }) => description !== markOf(owner)).flatMap(({ ip_range, name }) => (ip_range ? [{ range: ip_range, by: `VPC ${name}` }] : [])),
    ...others.flatMap(({ cluster_subnet, service_subnet, name }) => [cluster_subnet, service_subnet].flatMap((range) => (range ? [{ range, by: `cluster ${name}` }] : []))),
  ];
}
