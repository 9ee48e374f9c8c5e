import type { Platform } from '../../definition/platform.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { pathOf, type Resource } from '../../kubernetes/discovery.ts';
import { groupOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { namespaceOf } from '../../systems/names.ts';
import type { Wanted } from './desired.ts';

export interface Listed {
  objects: KubernetesObject[];
  /** True where nobody but us can have made it. */
  prunable(object: KubernetesObject): boolean;
  /** Kinds that may not be listed, so that what an earlier deploy left of them is not known. */
  hidden: string[];
}

interface List {
  items?: KubernetesObject[];
  metadata?: { continue?: string };
}

const PAGE = 500;
/** Kinds that controllers make with the labels of what they are made for, or that hold what no render knows: never ours to prune. */
const OTHERS = new Set(['Secret', 'PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'ReplicaSet', 'ControllerRevision', 'Endpoints', 'EndpointSlice', 'Event', 'Lease', 'Node', 'StrimziPodSet', 'ComponentStatus']);

/**
 * All objects with the labels of this environment, kind by kind: of the kinds that are rendered, and of all others that a cluster lets
 * one make, for what an earlier deploy left. Who may not list a whole cluster is asked for the namespaces of the environment.
 */
export async function listOurs(kubernetes: Kubernetes, resources: readonly Resource[], platform: Platform, wanted: readonly Wanted[]): Promise<Listed> {
  const kinds = kindsToList(resources, wanted);
  const namespaces = [...new Set([namespaceOf(platform), ...wanted.flatMap(({ object }) => object.metadata.namespace ?? [])])];
  const lists = await Promise.all(kinds.map(async (kind) => ({ kind, objects: await listKind(kubernetes, kind, platform, namespaces) })));
  return {
    objects: lists.flatMap(({ objects }) => objects ?? []),
    prunable: ({ kind, metadata: { ownerReferences } }) => !OTHERS.has(kind) && ownerReferences === undefined,
    hidden: lists.filter(({ objects }) => objects === undefined).map(({ kind }) => kind.kind).sort(),
  };
}

/** The versions that are rendered, and of each other kind the one that the cluster prefers. */
function kindsToList(resources: readonly Resource[], wanted: readonly Wanted[]): Resource[] {
  const versions = new Map(wanted.map(({ object }) => [keyOf(object.apiVersion, object.kind), object.apiVersion]));
  const chosen = new Map<string, Resource>();
  for (const resource of resources) {
    const { group, version, kind, verbs } = resource;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const rendered = versions.get(keyOf(apiVersion, kind));
    const useful = verbs.includes('list') && (rendered !== undefined || (verbs.includes('create') && verbs.includes('delete') && !OTHERS.has(kind)));
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

/** All pages of a list; undefined where it is forbidden. A kind that cannot be listed any other way has nothing of ours. */
async function listAt(kubernetes: Kubernetes, { group, version, kind }: Resource, { name, environment }: Platform, path: string): Promise<KubernetesObject[] | undefined> {
  const labels = encodeURIComponent(`todoctl.io/platform=${name},todoctl.io/environment=${environment.name}`);
  const objects: KubernetesObject[] = [];
  for (let next = ''; ; ) {
    const { status, body } = await kubernetes.ask<List>(`${path}?labelSelector=${labels}&limit=${PAGE}${next}`);
    if (status === 403) return undefined;
    // Items of the built-in kinds come without their kind.
    for (const item of body.items ?? []) objects.push({ ...item, apiVersion: group === '' ? version : `${group}/${version}`, kind });
    if (!body.metadata?.continue) return objects;
    next = `&continue=${encodeURIComponent(body.metadata.continue)}`;
  }
}
