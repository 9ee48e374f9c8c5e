import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { readObject } from '../../kubernetes/read.ts';

/** A namespace as far as it says why it does not end. */
export interface EndingNamespace {
  metadata: { name: string; deletionTimestamp?: string };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** One that is being deleted; undefined where it is not, or not there. Errors: TODOCTL_CLUSTER_*. */
export async function endingNamespace(kubernetes: Kubernetes, name: string): Promise<EndingNamespace | undefined> {
  const namespace = await readObject<EndingNamespace>(kubernetes, `/api/v1/namespaces/${encodeURIComponent(name)}`);
  return namespace?.metadata.deletionTimestamp === undefined ? undefined : namespace;
}

/** `strimzi.io/topic-operator in 3 resource instances`, `kafkatopics.kafka.strimzi.io has 3 resource instances`: Kubernetes' own words. */
export function whatHolds({ status }: EndingNamespace): string[] {
  const held = (status?.conditions ?? []).filter(({ type, status: is }) => is === 'True' && /^Namespace(?:ContentRemaining|FinalizersRemaining|DeletionContentFailure|DeletionDiscoveryFailure)$/.test(type));
  return held.flatMap(({ message }) => message ?? []);
}

export function stuckNamespace(name: string, reasons: readonly string[]): TodoctlError {
  const kinds = reasons.flatMap((reason) => [...reason.matchAll(/([a-z][\w.-]+) has \d+ resource instances/g)].map(([, kind = '']) => kind));
  const fixes = kinds.map((kind) => `Whoever takes the finalizer of an object away is whom it waits for; if that is gone for good: kubectl get ${kind} --namespace ${name} --output name | xargs kubectl patch --namespace ${name} --type merge --patch '{"metadata":{"finalizers":null}}'`);
  return new TodoctlError('TODOCTL_NAMESPACE_STUCK', { message: `The namespace ${name} is being deleted and does not end`, details: [...reasons], ...(fixes.length > 0 ? { next: [...fixes, 'Then run the command again.'] } : {}) });
}
