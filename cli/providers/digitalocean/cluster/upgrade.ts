import type { State, Step } from '../../../engine/step.ts';
import { noCluster } from '../../../errors/no-cluster.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Owner } from '../marks.ts';
import type { ApiCluster, ApiOptions } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { compareVersions, versionOf } from './catalog.ts';
import { allClusters, ourCluster } from './find.ts';
import { whyNoNodes } from './nodes.ts';
import { type SignInGiven, signIn } from './sign-in.ts';

/** Control plane and nodes, one node after the other: a quarter of an hour as a rule. */
const TIMEOUT_MS = 90 * 60_000;

/** Versions that a cluster can be upgraded to, newest first. DigitalOcean wants patches before the next minor version. */
export async function upgradesOf(api: DigitalOcean, id: string): Promise<ApiOptions['versions']> {
  const { available_upgrade_versions: versions } = await api.get<{ available_upgrade_versions?: ApiOptions['versions'] | null }>(`/v2/kubernetes/clusters/${id}/upgrades`);
  return [...(versions ?? [])].sort((a, b) => -compareVersions(a.slug, b.slug));
}

/**
 * Upgrades the environment's cluster to `latest`, a minor version or a slug. Errors: TODOCTL_NOT_DEPLOYED, TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN.
 */
export async function upgradeStep(given: SignInGiven, owner: Owner, to: string): Promise<Step> {
  const { api } = given;
  const find = async (): Promise<ApiCluster> => {
    const found = ourCluster(await allClusters(api), owner);
    if (!found) throw noCluster(owner.environment);
    return found;
  };
  const begin = await find();
  const offered = await upgradesOf(api, begin.id);
  const here = { slug: begin.version, kubernetes_version: begin.version.replace(/-do\.\d+$/, '') };
  const target = versionOf(to, { versions: [...offered, here] });
  return {
    id: 'upgrade',
    title: `Kubernetes ${target}`,
    needs: [],
    timeout: TIMEOUT_MS,
    async check(): Promise<State<undefined>> {
      const found = await find();
      const state = found.status?.state ?? '';
      if (state === 'error') return { is: 'stuck', error: new TodoctlError('TODOCTL_DIGITALOCEAN_CLUSTER_FAILED', { message: `The cluster ${found.name} is in state error`, details: found.status?.message ? [found.status.message] : [] }) };
      if (state !== 'running' && state !== 'degraded') return { is: 'busy', reason: found.status?.message ? `${state}: ${found.status.message}` : state };
      if (found.version !== target) return { is: 'drifted', value: undefined, changes: [{ what: 'Kubernetes', from: found.version, to: target }] };
      const reason = await whyNoNodes(given, await signIn(given, found), found);
      return reason === undefined ? { is: 'done', value: undefined } : { is: 'busy', reason };
    },
    async apply() {
      const { id } = await find();
      const look = async (): Promise<string | undefined> => {
        const { version, status } = await find();
        return version === target || status?.state === 'upgrading' ? version : undefined;
      };
      await api.make(`/v2/kubernetes/clusters/${id}/upgrade`, { version: target }, look);
    },
  };
}
