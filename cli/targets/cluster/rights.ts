import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, pathOf, type Resource, versionOf } from '../../kubernetes/discovery.ts';
import type { Head } from '../../render/applied.ts';

/** Something that a command does in a cluster, as RBAC speaks of it. */
export interface Deed {
  verb: string;
  /** Empty for the core group. */
  group: string;
  /** With its subresource: `pods/portforward`. */
  resource: string;
  /** Absent for what is in none, and for all of them at once. */
  namespace?: string;
  /** Names of the objects that it is done to, where it is done to no others; with the path of each where it is made unless it is there. */
  objects?: readonly { name: string; path?: string }[];
  /** The right to all of several objects is lacking: then it is one to the kind, and no names are told. */
  whole?: true;
}

interface Review {
  status?: { allowed?: boolean };
}

/** Whoever may do everything is asked about nothing else. Errors: those of asking. */
export async function mayDoAll(kubernetes: Kubernetes): Promise<boolean> {
  return isAllowed(kubernetes, { verb: '*', group: '*', resource: '*' });
}

/** What of it the user may not do; where it is done to objects by their names, to which of them. */
export async function lackingRights(kubernetes: Kubernetes, deeds: readonly Deed[]): Promise<Deed[]> {
  const found = await Promise.all(deeds.map(async (deed): Promise<Deed[]> => {
    const { objects, ...all } = deed;
    if (await isAllowed(kubernetes, all)) return [];
    if (!objects) return [deed];
    const lacking = await Promise.all(objects.map(async (object) => ((await isAllowedOn(kubernetes, all, object)) ? [] : [object])));
    const some = lacking.flat();
    return some.length > 0 ? [{ ...all, objects: some, ...(some.length === objects.length && some.length > 1 ? { whole: true as const } : {}) }] : [];
  }));
  return found.flat();
}

/** One line for each place and what is lacking there: `in todo: get, patch secrets, deployments.apps`. */
export function rightsText(deeds: readonly Deed[]): string[] {
  const verbs = new Map<string, { place: string; resource: string; verbs: string[] }>();
  for (const { verb, group, resource, namespace, objects, whole } of deeds) {
    const place = namespace === undefined ? 'in the whole cluster' : `in ${namespace}`;
    const kind = group === '' ? resource : resource.replace(/^[^/]+/, `$&.${group}`);
    const named = objects && !whole ? `${kind} (${objects.map(({ name }) => name).join(', ')})` : kind;
    const key = `${place} ${named}`;
    verbs.set(key, { place, resource: named, verbs: [...(verbs.get(key)?.verbs ?? []), verb] });
  }
  const lines = Map.groupBy(verbs.values(), (one) => `${one.place}: ${[...new Set(one.verbs)].join(', ')}`);
  return [...lines].map(([line, of]) => `${line} ${of.map(({ resource }) => resource).join(', ')}`);
}

/**
 * To apply is to get, to patch what is there and to create what is not. Kinds that the cluster does not have yet come with a chart.
 * Errors: TODOCTL_CLUSTER_*.
 */
export async function applyingDeeds(kubernetes: Kubernetes, heads: readonly Head[], resources?: readonly Resource[]): Promise<Deed[]> {
  const kinds = new Map((resources ?? (await discover(kubernetes))).map((resource) => [`${versionOf(resource)} ${resource.kind}`, resource]));
  const byKind = Map.groupBy(heads, ({ apiVersion, kind, metadata: { namespace = '' } }) => `${apiVersion} ${kind} ${namespace}`);
  return [...byKind.values()].flatMap((same) => {
    const [{ apiVersion, kind, metadata: { namespace } }] = same as [Head, ...Head[]];
    const resource = kinds.get(`${apiVersion} ${kind}`);
    if (!resource) return [];
    const of = { group: resource.group, resource: resource.plural, ...(namespace === undefined ? {} : { namespace }) };
    const objects = same.map(({ metadata: { name } }) => ({ name }));
    return [
      ...['get', 'patch'].map((verb): Deed => ({ verb, ...of, objects })),
      { verb: 'create', ...of, objects: objects.map(({ name }) => ({ name, path: pathOf(resource, namespace, name) })) },
    ];
  });
}

/** Who may only change what is there needs no right to make it. */
async function isAllowedOn(kubernetes: Kubernetes, deed: Deed, { name, path }: { name: string; path?: string }): Promise<boolean> {
  if (path !== undefined) return (await kubernetes.ask(path)).status === 200;
  return isAllowed(kubernetes, deed, name);
}

async function isAllowed(kubernetes: Kubernetes, { resource: both, ...deed }: Deed, name?: string): Promise<boolean> {
  const [resource, subresource] = both.split('/');
  const attributes = { ...deed, resource, ...(subresource === undefined ? {} : { subresource }), ...(name === undefined ? {} : { name }) };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes } };
  const { body } = await kubernetes.ask<Review>('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body: JSON.stringify(review) });
  return body.status?.allowed ?? false;
}
