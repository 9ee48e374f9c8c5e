/** The scopes' names of what a path is about, longest path first. From DigitalOcean's OpenAPI document. */
const AREAS: readonly (readonly [path: string, area: string])[] = [
  ['/v2/kubernetes/registries', 'registry'],
  ['/v2/kubernetes/registry', 'registry'],
  ['/v2/kubernetes', 'kubernetes'],
  ['/v2/registries', 'registry'],
  ['/v2/databases', 'database'],
  ['/v2/vpcs', 'vpc'],
  ['/v2/load_balancers', 'load_balancer'],
  ['/v2/volumes', 'block_storage'],
  ['/v2/snapshots', 'block_storage_snapshot'],
  ['/v2/projects', 'project'],
  ['/v2/tags', 'tag'],
  ['/v2/customers', 'billing'],
  ['/v2/sizes', 'sizes'],
  ['/v2/regions', 'regions'],
  ['/v2/account', 'account'],
  ['/v2/droplets', 'droplet'],
  ['/v2/domains', 'domain'],
];
const VERBS: Readonly<Record<string, string>> = { GET: 'read', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

/** The scope that a request needs, `kubernetes:create`; undefined where no rule is known. */
export function scopeOf(method: string, path: string): string | undefined {
  if (/^\/v2\/kubernetes\/clusters\/[^/]+\/(?:kubeconfig|credentials)$/.test(path)) return 'kubernetes:access_cluster';
  if (/^\/v2\/kubernetes\/clusters\/[^/]+\/(?:upgrade|node_pools(?:\/.*)?)$/.test(path) && method !== 'GET') return 'kubernetes:update';
  if (/^\/v2\/kubernetes\/regist/.test(path)) return 'registry:update';
  if (/^\/v2\/projects\/[^/]+\/resources$/.test(path) && method === 'POST') return 'project:assign_resource';
  // A record is a part of its domain.
  if (/^\/v2\/domains\/[^/]+\/records/.test(path) && method !== 'GET') return method === 'PUT' ? 'domain:update' : `domain:${VERBS[method]} and domain:update`;
  const area = AREAS.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1];
  const verb = VERBS[method];
  return area === undefined || verb === undefined ? undefined : `${area}:${verb}`;
}
