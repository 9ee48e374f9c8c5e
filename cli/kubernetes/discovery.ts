import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Kubernetes } from './client.ts';
import { reasonOf, strange } from './failures.ts';

/** A kind that a cluster knows, in one version. */
export interface Resource {
  group: string;
  version: string;
  kind: string;
  /** Its name in paths: `deployments`. */
  plural: string;
  namespaced: boolean;
  verbs: readonly string[];
}

interface Discovered {
  items?: {
    metadata?: { name?: string };
    versions: { version: string; resources?: { resource: string; responseKind?: { kind: string; group?: string }; scope: string; verbs: string[] }[] }[];
  }[];
}

/** All kinds in two requests; API servers have it since 1.30. */
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Every kind of a cluster, for each group the version that it prefers first. Errors: TODOCTL_CLUSTER_FORBIDDEN, TODOCTL_CLUSTER_STRANGE, and those of asking. */
export async function discover(kubernetes: Kubernetes): Promise<Resource[]> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => kubernetes.ask<Discovered | null>(path, { accept: AGGREGATED })));
  return answers.flatMap(({ status, body }) => {
    if (status !== 403 && (status !== 200 || !Array.isArray(body?.items))) throw strange(kubernetes.where, status, body);
    if (!Array.isArray(body?.items)) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `${kubernetes.where} does not say which kinds it has`, details: [`${status}: ${reasonOf(body)}`] });
    return body.items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.flatMap(({ resource, responseKind, scope, verbs }): Resource[] =>
          responseKind ? [{ group: metadata?.name ?? '', version, kind: responseKind.kind, plural: resource, namespaced: scope === 'Namespaced', verbs }] : [],
        ),
      ),
    );
  });
}

/** The apiVersion of its objects: `apps/v1`. */
export function versionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Path of a kind, of one namespace where one is named, of one object where that is. */
export function pathOf({ group, version, plural, namespaced }: Resource, namespace?: string, name?: string): string {
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const inside = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${api}${inside}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
