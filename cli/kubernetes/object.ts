/** Any object of Kubernetes, as its API takes and gives it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: readonly object[];
    uid?: string;
  };
  [key: string]: unknown;
}

/** What stays the same when an object changes, its version of the API included: `apps/Deployment todo/task-api`. */
export function identityOf({ apiVersion, kind, metadata: { name, namespace } }: Pick<KubernetesObject, 'apiVersion' | 'kind'> & { metadata: Pick<KubernetesObject['metadata'], 'name' | 'namespace'> }): string {
  return `${groupOf(apiVersion)}/${kind} ${namespace ?? ''}/${name}`;
}

/** `apps` of `apps/v1`, and nothing of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}
