// A cluster of objects in memory, as far as a teardown looks at it: kinds, lists by labels, deletion with finalizers.
import type { Ask, Kubernetes } from '../../../../../cli/kubernetes/client.ts';
import { pathOf, type Resource } from '../../../../../cli/kubernetes/discovery.ts';
import { unreachable } from '../../../../../cli/kubernetes/failures.ts';
import type { Thing } from '../../../../../cli/targets/cluster/uninstall/found.ts';
import type { Marks } from '../../../../../cli/targets/cluster/marks.ts';

export const marks: Marks = { platform: 'todo', environment: 'prod', namespace: 'todo', release: 'todo', labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod' } };
export const ours = { labels: marks.labels };

export const KINDS = Object.fromEntries(([
  ['', 'v1', 'Namespace', 'namespaces', false], ['', 'v1', 'ConfigMap', 'configmaps', true], ['', 'v1', 'Secret', 'secrets', true], ['', 'v1', 'Service', 'services', true],
  ['', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true], ['', 'v1', 'PersistentVolume', 'persistentvolumes', false], ['', 'v1', 'Event', 'events', true],
  ['apps', 'v1', 'Deployment', 'deployments', true], ['apps', 'v1', 'StatefulSet', 'statefulsets', true], ['gateway.networking.k8s.io', 'v1', 'Gateway', 'gateways', true],
  ['kafka.strimzi.io', 'v1', 'Kafka', 'kafkas', true], ['kafka.strimzi.io', 'v1', 'KafkaTopic', 'kafkatopics', true], ['keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects', true],
  ['apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', false],
] as const).map(([group, version, kind, plural, namespaced]): [string, Resource] => [kind, { group, version, kind, plural, namespaced, verbs: ['list', 'delete'] }]));

let uids = 0;

/** One object; its kind must be one of `KINDS`. */
export function thing(kind: string, name: string, metadata: Partial<Thing['metadata']> = {}, more: object = {}): Thing {
  return { kind: KINDS[kind] as Resource, metadata: { name, uid: `uid-${++uids}`, ...(KINDS[kind]?.namespaced ? { namespace: 'todo' } : {}), ...metadata }, ...more };
}

export class Objects {
  things: Thing[];
  /** Paths that are answered 403, and what was asked. */
  readonly forbidden = new Set<string>();
  readonly asked: string[] = [];
  /** The server does not answer. */
  away = false;

  constructor(...things: Thing[]) {
    this.things = things;
  }

  get kubernetes(): Kubernetes {
    return { where: 'test', ask: (path: string, ask: Ask = {}) => this.#answer(path, ask) } as unknown as Kubernetes;
  }

  async #answer(whole: string, { method = 'GET', body }: Ask): Promise<{ status: number; body: unknown }> {
    const [path = '', query = ''] = whole.split('?');
    if (this.away) throw unreachable('test', new Error('socket hang up'));
    if (path === '/api' || path === '/apis') return { status: 200, body: { items: discovered(path) } };
    this.asked.push(`${method} ${path}`);
    if (this.forbidden.has(path)) return { status: 403, body: { message: `${path} is forbidden` } };
    if (method === 'DELETE') return this.#remove(path, JSON.parse(body ?? '{}') as { preconditions?: { uid?: string } });
    const one = this.things.find(({ kind, metadata }) => pathOf(kind, metadata.namespace, metadata.name) === path);
    if (one) return { status: 200, body: one };
    const kind = Object.values(KINDS).find((known) => path === pathOf(known) || (known.namespaced && path.endsWith(`/${known.plural}`) && path.startsWith(pathOf(known, 'x').split('/x/')[0] ?? '')));
    if (!kind) return { status: 404, body: {} };
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    const wanted = (new URLSearchParams(query).get('labelSelector') ?? '').split(',').filter(Boolean).map((pair) => pair.split('='));
    const items = this.things.filter((at) => at.kind === kind && (namespace === undefined || at.metadata.namespace === namespace) && wanted.every(([key = '', value]) => at.metadata.labels?.[key] === value));
    return { status: 200, body: { items } };
  }

  #remove(path: string, { preconditions }: { preconditions?: { uid?: string } }): { status: number; body: unknown } {
    const one = this.things.find(({ kind, metadata }) => pathOf(kind, metadata.namespace, metadata.name) === path);
    if (!one) return { status: 404, body: {} };
    if (preconditions?.uid !== one.metadata.uid) return { status: 409, body: {} };
    if ((one.metadata.finalizers ?? []).length > 0) one.metadata.deletionTimestamp = '2026-11-21T00:00:00Z';
    else this.things = this.things.filter((other) => other !== one);
    return { status: 200, body: {} };
  }
}

function discovered(path: string): object[] {
  const core = path === '/api';
  const groups = Map.groupBy(Object.values(KINDS).filter(({ group }) => (group === '') === core), ({ group }) => group);
  return [...groups].map(([group, kinds]) => ({
    metadata: { name: group }, versions: [{ version: kinds[0]?.version, resources: kinds.map(({ plural, kind, namespaced, verbs }) => ({ resource: plural, responseKind: { kind }, scope: namespaced ? 'Namespaced' : 'Cluster', verbs })) }],
  }));
}
