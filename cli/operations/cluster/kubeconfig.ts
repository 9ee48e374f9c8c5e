import path from 'node:path';
import { noCluster } from '../../errors/no-cluster.ts';
import type { Context } from '../context.ts';
import { providerOf } from './provider-of.ts';

export interface ClusterKubeconfigResult {
  environment: string;
  cluster: string;
  /** UID of kube-system. */
  uid: string;
  context: string;
  /** The private file, or with --merge the person's own. */
  file: string;
  merged: boolean;
}

/** Signs in to the environment's cluster. The private kubeconfig is always written; a person's own only where `merge` says so. */
export async function clusterKubeconfig(context: Context, { merge }: { merge: boolean }): Promise<ClusterKubeconfigResult> {
  const { provider } = await providerOf(context);
  const cluster = await provider.cluster();
  if (!cluster) throw noCluster(context.environment);
  const { access, kubeconfig, name, uid } = cluster;
  const result = { environment: context.environment, cluster: name, uid, context: access.context };
  if (!merge) return { ...result, file: kubeconfig, merged: false };
  const { mergeKubeconfig } = await import('../../kubernetes/merge-kubeconfig.ts');
  const file = ownKubeconfig(context);
  await mergeKubeconfig(file, access);
  return { ...result, file, merged: true };
}

/** Of several that KUBECONFIG names, kubectl changes the first. */
function ownKubeconfig({ env, cwd }: Pick<Context, 'env' | 'cwd'>): string {
  const [first] = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(Boolean);
  return first === undefined ? path.join(env['HOME'] ?? '', '.kube', 'config') : path.resolve(cwd, first);
}
