import path from 'node:path';
import type { Environment } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { Kubernetes } from '../../kubernetes/client.ts';
import { reasonOf, strange } from '../../kubernetes/failures.ts';
import { readKubeconfig } from '../../kubernetes/kubeconfig.ts';
import type { Context } from '../context.ts';

/**
 * The cluster of an environment: of the kubeconfig that is named, or for provider `existing` the context of the user's own. No other
 * environment reads $KUBECONFIG or ~/.kube/config: whatever cluster these happen to name would be taken for its. Undefined where there is none yet.
 * Errors: TODOCTL_USAGE, TODOCTL_KUBECONFIG_BROKEN, TODOCTL_CONTEXT_UNKNOWN, TODOCTL_CLUSTER_*.
 */
export async function clusterOf(context: Context, environment: Environment, named: { kubeconfig?: string; context?: string }): Promise<Kubernetes | undefined> {
  const files = kubeconfigs(context, environment, named.kubeconfig);
  if (!files && named.context !== undefined) throw new TodoctlError('TODOCTL_USAGE', { message: `--context ${named.context} needs the kubeconfig that it is in`, next: ['Name it with --kubeconfig FILE.'] });
  if (!files) return undefined;
  const access = await readKubeconfig(files, named.context ?? environment.context);
  const kubernetes = new Kubernetes(access, { env: context.env, redactor: context.io.redactor, stop: context.stop });
  try {
    if (environment.cluster !== undefined) await isTheOne(kubernetes, environment.cluster);
    return kubernetes;
  } catch (error) {
    kubernetes[Symbol.dispose]();
    throw error;
  }
}

function kubeconfigs({ cwd, env }: Context, { provider }: Environment, file: string | undefined): string[] | undefined {
  if (file !== undefined) return [path.resolve(cwd, file)];
  if (provider !== 'existing') return undefined;
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(Boolean);
  return listed.length > 0 ? listed.map((one) => path.resolve(cwd, one)) : [path.join(env['HOME'] ?? '', '.kube/config')];
}

/** A cluster is known by the UID of its namespace kube-system, which lives as long as the cluster. */
async function isTheOne(kubernetes: Kubernetes, uid: string): Promise<void> {
  const { status, body } = await kubernetes.ask<{ metadata?: { uid?: string } } | null>('/api/v1/namespaces/kube-system');
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `Whether ${kubernetes.where} is the cluster of the environment cannot be seen`, details: [reasonOf(body)] });
  if (status !== 404 && (status !== 200 || !body?.metadata)) throw strange(kubernetes.where, status, body);
  const there = body?.metadata?.uid;
  if (there !== uid) throw new TodoctlError('TODOCTL_CLUSTER_WRONG', { message: `${kubernetes.where} is another cluster`, details: [`todoctl.yaml says ${uid}`, `the cluster says ${there ?? 'nothing'}`] });
}
