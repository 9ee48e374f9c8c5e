import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, type Resource, versionOf } from '../../kubernetes/discovery.ts';
import type { Head } from '../../render/applied.ts';

/** Something that a deploy does. */
interface Deed {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
}

interface Review {
  status?: { allowed?: boolean };
}

/** What a deploy does beside applying objects: its lock, Helm's records, Secrets, what waits are explained by. */
const ALWAYS: readonly Deed[] = [
  ...['get', 'create', 'patch', 'delete'].map((verb) => ({ verb, group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' })),
  ...['get', 'list', 'create', 'patch', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets' })),
  ...['list'].flatMap((verb) => ['pods', 'events'].map((resource) => ({ verb, group: '', resource }))),
  ...['create', 'patch'].map((verb) => ({ verb, group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' })),
];

/**
 * What of a deploy the user may not do, one line each: `patch deployments.apps in todo`. Who may do everything is asked about only once.
 * Kinds that the cluster does not have yet come with a chart; whoever may make those may use them.
 */
export async function lackingRights(kubernetes: Kubernetes, heads: readonly Head[]): Promise<string[]> {
  if (await isAllowed(kubernetes, { verb: '*', group: '*', resource: '*' })) return [];
  const deeds = [...ALWAYS, ...deedsOf(heads, await discover(kubernetes))];
  const answers = await Promise.all(deeds.map(async (deed) => ({ deed, allowed: await isAllowed(kubernetes, deed) })));
  return answers.filter(({ allowed }) => !allowed).map(({ deed: { verb, group, resource, namespace } }) => `${verb} ${resource}${group === '' ? '' : `.${group}`}${namespace === undefined ? '' : ` in ${namespace}`}`);
}

/** To apply is to create what is not there and to patch what is. */
function deedsOf(heads: readonly Head[], resources: readonly Resource[]): Deed[] {
  const kinds = new Map(resources.map((resource) => [`${versionOf(resource)} ${resource.kind}`, resource]));
  const found = heads.flatMap(({ apiVersion, kind, metadata: { namespace } }) => {
    const resource = kinds.get(`${apiVersion} ${kind}`);
    if (!resource) return [];
    return ['get', 'create', 'patch', 'delete'].map((verb): Deed => ({ verb, group: resource.group, resource: resource.plural, ...(namespace === undefined ? {} : { namespace }) }));
  });
  return [...new Map(found.map((deed) => [JSON.stringify(deed), deed])).values()];
}

async function isAllowed(kubernetes: Kubernetes, deed: Deed): Promise<boolean> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: deed } };
  const { body } = await kubernetes.ask<Review>('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body: JSON.stringify(review) });
  return body.status?.allowed ?? false;
}
