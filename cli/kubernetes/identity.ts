import { TodoctlError } from '../errors/todoctl-error.ts';
import { type ClientOptions, Kubernetes } from './client.ts';
import { reasonOf, strange } from './failures.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/**
 * The UID of the namespace kube-system: it lives as long as its cluster, so a cluster is known by it.
 * Errors: TODOCTL_CLUSTER_*.
 */
export async function identify(access: ClusterAccess, given: ClientOptions): Promise<string> {
  using kubernetes = new Kubernetes(access, given);
  return uidOf(kubernetes);
}

/** The same by a client that is open. */
export async function uidOf(kubernetes: Kubernetes): Promise<string> {
  const { status, body } = await kubernetes.ask<{ metadata?: { uid?: string } } | null>('/api/v1/namespaces/kube-system');
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `Which cluster ${kubernetes.where} is cannot be seen`, details: [reasonOf(body)] });
  const uid = body?.metadata?.uid;
  if (status !== 200 || uid === undefined) throw strange(kubernetes.where, status, body);
  return uid;
}

/** Errors: TODOCTL_CLUSTER_WRONG where that of the cluster is not the one that todoctl.yaml names; where it names none, any will do. */
export function assertIdentity(where: string, uid: string, named: string | undefined): void {
  if (named !== undefined && uid !== named) throw new TodoctlError('TODOCTL_CLUSTER_WRONG', { message: `${where} is another cluster`, details: [`todoctl.yaml says ${named}`, `the cluster says ${uid}`] });
}
