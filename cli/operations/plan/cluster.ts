import path from 'node:path';
import type { Environment } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { Kubernetes } from '../../kubernetes/client.ts';
import { assertIdentity, uidOf } from '../../kubernetes/identity.ts';
import { type ClusterAccess, readKubeconfig } from '../../kubernetes/kubeconfig.ts';
import { kubeconfigs } from '../../providers/existing/existing.ts';
import type { Cluster } from '../../providers/provider.ts';
import { openGround } from '../../targets/cluster/ground.ts';
import type { Context } from '../context.ts';

/**
 * The cluster of an environment: of the kubeconfig that is named, for provider `existing` the context of the user's own, else the one that
 * the provider has of it. No other environment reads $KUBECONFIG or ~/.kube/config: whatever cluster these happen to name would be taken for
 * its. Undefined where there is none yet, or where nobody may be asked for it.
 * Errors: TODOCTL_USAGE, TODOCTL_KUBECONFIG_BROKEN, TODOCTL_CONTEXT_UNKNOWN, TODOCTL_CLUSTER_*, TODOCTL_DIGITALOCEAN_*.
 */
export async function clusterOf(context: Context, environment: Environment, named: { kubeconfig?: string; context?: string }): Promise<Kubernetes | undefined> {
  const files = named.kubeconfig !== undefined ? [path.resolve(context.cwd, named.kubeconfig)] : environment.provider === 'existing' ? kubeconfigs(context) : undefined;
  if (!files && named.context !== undefined) throw new TodoctlError('TODOCTL_USAGE', { message: `--context ${named.context} needs the kubeconfig that it is in`, next: ['Name it with --kubeconfig FILE.'] });
  const made = files ? undefined : await madeByProvider(context, environment);
  const access = files ? await readKubeconfig(files, named.context ?? environment.context) : made?.access;
  if (!access) return undefined;
  const kubernetes = openClient(context, access, made);
  try {
    if (environment.cluster !== undefined) assertIdentity(kubernetes.where, await uidOf(kubernetes), environment.cluster);
    return kubernetes;
  } catch (error) {
    kubernetes[Symbol.dispose]();
    throw error;
  }
}

function openClient({ env, io: { redactor }, stop }: Context, access: ClusterAccess, made: Cluster | undefined): Kubernetes {
  return new Kubernetes(access, { env, redactor, stop, ...(made?.renew && { renew: made.renew.bind(made) }) });
}

/** A plan is for everyone: who has no token sees what a new cluster would get. */
async function madeByProvider(context: Context, { provider }: Environment): Promise<Cluster | undefined> {
  if (provider !== 'digitalocean') return undefined;
  const ground = await openGround(context);
  return (await ground.provider()).cluster().catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_DIGITALOCEAN_NO_TOKEN') return undefined;
    throw error;
  });
}
