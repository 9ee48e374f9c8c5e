import type { KubernetesObject } from './rendered.ts';

interface PolicyRule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** What an API server is asked to allow. `resource`: with its subresource, `pods/log`. `namespace`: undefined for what is in none. */
export interface Request {
  verb: string;
  group: string;
  resource: string;
  /** Undefined where the request names none: a list, and a create, whose object has no name yet. */
  name?: string;
  namespace?: string;
}

/**
 * Whether Roles and ClusterRoles that are all bound to one person allow a request, as Kubernetes decides it
 * (pkg/registry/rbac/validation, VerbMatches … ResourceNameMatches): rules only add, a Role counts in its namespace only.
 */
export function allows(roles: readonly KubernetesObject[], request: Request): boolean {
  return roles.some(({ kind, metadata, rules }) => (kind === 'ClusterRole' || metadata.namespace === request.namespace) && (rules as PolicyRule[]).some((rule) => matches(rule, request)));
}

function matches({ apiGroups = [], resources = [], resourceNames = [], verbs }: PolicyRule, { verb, group, resource, name }: Request): boolean {
  const [, subresource] = resource.split('/');
  const has = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted);
  const ofResource = has(resources, resource) || (subresource !== undefined && resources.includes(`*/${subresource}`));
  return has(verbs, verb) && has(apiGroups, group) && ofResource && (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)));
}

/** Every request that some rule of a role allows, one for each of its words. */
export function requestsOf({ metadata, rules }: KubernetesObject): Request[] {
  return (rules as PolicyRule[]).flatMap(({ apiGroups = [], resources = [], resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [undefined]).map((name) => ({ verb, group, resource, ...(name === undefined ? {} : { name }), ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) })),
        ),
      ),
    ),
  );
}
