import type { Platform } from '../../../definition/platform.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { pathOf, type Resource, versionOf } from '../../../kubernetes/discovery.ts';
import { reasonOf, unreachable } from '../../../kubernetes/failures.ts';
import { groupOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import { namespaceOf } from '../../../systems/names.ts';
import type { Wanted } from './desired.ts';

export interface Listed {
  objects: KubernetesObject[];
  /** True where nobody but us can have made it. */
  prunable(object: KubernetesObject): boolean;
  /** Kinds that may not be listed, so that what an earlier deploy left of them is not known. */
  hidden: string[];
  /** Kinds that nothing renders and that whoever serves them does not list now, as when an aggregated API is down. */
  failed: string[];
}

interface List {
  items?: KubernetesObject[];
  metadata?: { continue?: string };
}

const PAGE = 500;
/** Kinds that controllers make with the labels of what they are made for, or that hold what no render knows: never ours to prune. */
const OTHERS = new Set(['Secret', 'PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'ReplicaSet', 'ControllerRevision', 'Endpoints', 'EndpointSlice', 'Event', 'Lease', 'Node', 'StrimziPodSet', 'ComponentStatus', 'PodTemplate', 'ReplicationController', 'IPAddress', 'ServiceCIDR', 'IngressClass']);
/** Groups by which a cluster is set up, and of which no environment has anything: to list their kinds would double the requests of a deploy. */
const OF_THE_CLUSTER = new Set([
  'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'certificates.k8s.io', 'coordination.k8s.io', 'events.k8s.io', 'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io', 'node.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io', 'storagemigration.k8s.io',
]);

/**
 * All objects with the labels of this environment, kind by kind: of the kinds that are rendered, and of all others that a cluster lets
 * one make, for what an earlier deploy left. For who may not list a whole cluster, only in the namespaces of the environment.
 * Errors: TODOCTL_CLUSTER_*; a list that breaks off is an error, for half of one would hide what would go.
 */
export async function listOurs(kubernetes: Kubernetes, resources: readonly Resource[], platform: Platform, wanted: readonly Wanted[]): Promise<Listed> {
  const kinds = kindsToList(resources, wanted);
  const namespaces = [...new Set([namespaceOf(platform), ...wanted.flatMap(({ head }) => head.metadata.namespace ?? [])])];
  const rendered = new Set(wanted.map(({ head }) => keyOf(head.apiVersion, head.kind)));
  const lists = await Promise.all(kinds.map(async (kind) => {
    const listed = listKind(kubernetes, kind, platform, namespaces);
    return { kind, objects: await (rendered.has(keyOf(versionOf(kind), kind.kind)) ? listed : listed.catch(() => 'failed' as const)) };
  }));
  return {
    objects: lists.flatMap(({ objects = [] }) => (objects === 'failed' ? [] : objects)),
    prunable: ({ kind, metadata: { ownerReferences } }) => !OTHERS.has(kind) && ownerReferences === undefined,
    hidden: lists.filter(({ objects }) => objects === undefined).map(({ kind }) => kind.kind).sort(),
    failed: lists.filter(({ objects }) => objects === 'failed').map(({ kind }) => kind.kind).sort(),
  };
}

/** The versions that are rendered, and of each other kind the one that the cluster prefers. */
function kindsToList(resources: readonly Resource[], wanted: readonly Wanted[]): Resource[] {
  const versions = new Map(wanted.map(({ head }) => [keyOf(head.apiVersion, head.kind), head.apiVersion]));
  const chosen = new Map<string, Resource>();
  for (const resource of resources) {
    const { kind, verbs, group } = resource;
    const apiVersion = versionOf(resource);
    const rendered = versions.get(keyOf(apiVersion, kind));
    const useful = verbs.includes('list') && (rendered !== undefined || (verbs.includes('create') && verbs.includes('delete') && !OTHERS.has(kind) && !OF_THE_CLUSTER.has(group)));
    if (useful && (!chosen.has(keyOf(apiVersion, kind)) || rendered === apiVersion)) chosen.set(keyOf(apiVersion, kind), resource);
  }
  return [...chosen.values()];
}

function keyOf(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** Undefined where it may be listed nowhere. */
async function listKind(kubernetes: Kubernetes, kind: Resource, platform: Platform, namespaces: readonly string[]): Promise<KubernetesObject[] | undefined> {
  const whole = await listAt(kubernetes, kind, platform, pathOf(kind));
  if (whole || !kind.namespaced) return whole;
  const found = await Promise.all(namespaces.map((namespace) => listAt(kubernetes, kind, platform, pathOf(kind, namespace))));
  return found.some(Boolean) ? found.flatMap((objects) => objects ?? []) : undefined;
}

/** All pages of a list; undefined where it is forbidden. A kind that cannot be listed at all has nothing of ours. */
async function listAt(kubernetes: Kubernetes, kind: Resource, platform: Platform, path: string): Promise<KubernetesObject[] | undefined> {
  const labels = { 'todoctl.io/platform': platform.name, 'todoctl.io/environment': platform.environment.name };
  const selector = encodeURIComponent(Object.entries(labels).map((pair) => pair.join('=')).join(','));
  const apiVersion = versionOf(kind);
  let objects: KubernetesObject[] = [];
  for (let next = `&limit=${PAGE}`; ; ) {
    const { status, body } = await kubernetes.ask<List>(`${path}?labelSelector=${selector}${next}`);
    if (status === 403) return undefined;
    if (status === 404 || status === 405) return [];
    if (status === 410 && next !== '') {
      // The pages are too old to go on with; the whole list at once cannot be.
      objects = [];
      next = '';
      continue;
    }
    if (status !== 200) throw unreachable(kubernetes.where, new Error(`${kind.kind} cannot be listed: ${status}, ${reasonOf(body)}`));
    // Items of the built-in kinds come without their kind. What is not ours is never looked at, whatever a server sends.
    const ours = (body.items ?? []).filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value));
    for (const item of ours) objects.push({ ...item, apiVersion, kind: kind.kind });
    if (!body.metadata?.continue) return objects;
    next = `&limit=${PAGE}&continue=${encodeURIComponent(body.metadata.continue)}`;
  }
}
