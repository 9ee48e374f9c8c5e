import type { Kubernetes } from '../../../kubernetes/client.ts';
import { discover, pathOf, type Resource } from '../../../kubernetes/discovery.ts';
import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import { MADE_FOR, madeFor, type Marks } from '../marks.ts';
import type { Meta } from '../workloads.ts';

/** One object that is there, as far as removing it needs. */
export interface Thing {
  kind: Resource;
  metadata: Meta;
}

/** One Helm release with all that Helm keeps of it. */
export interface Release {
  name: string;
  namespace: string;
  /** Names of its Secrets, newest last. */
  records: string[];
}

export interface PersistentVolume {
  metadata: Meta;
  spec: { persistentVolumeReclaimPolicy?: string; claimRef?: { namespace?: string; name?: string; uid?: string }; capacity?: { storage?: string } };
  status?: { phase?: string; message?: string };
}

/** A release's record as a Secret without its data. */
interface Record_ {
  metadata: Meta;
}

/** Only names, labels and finalizers: what is in an object does not matter to removing it. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
/** Made by controllers for others, or no objects at all: they go with what they are made for. */
const NEVER = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'Node', 'ComponentStatus', 'ControllerRevision', 'PodMetrics', 'NodeMetrics', 'CSIStorageCapacity']);

/** Every kind once, in the version that the cluster prefers, of which objects can be listed and deleted. */
export async function removableKinds(kubernetes: Kubernetes): Promise<Resource[]> {
  const chosen = new Map<string, Resource>();
  for (const kind of await discover(kubernetes)) {
    const key = `${kind.group}/${kind.kind}`;
    if (kind.verbs.includes('list') && kind.verbs.includes('delete') && !NEVER.has(kind.kind) && !chosen.has(key)) chosen.set(key, kind);
  }
  return [...chosen.values()];
}

/**
 * All objects that bear the marks, of every kind, wherever they are, but for those that belong to another object: these go with it.
 * A kind that may not be listed in the whole cluster is listed in the namespaces of the environment. Errors: TODOCTL_CLUSTER_*.
 */
export async function findMarked(kubernetes: Kubernetes, kinds: readonly Resource[], marks: Marks, namespaces: readonly string[]): Promise<Thing[]> {
  const lists = await Promise.all(kinds.map(async (kind) => (await listEverywhere(kubernetes, kind, marks.labels, namespaces)).map((metadata) => ({ kind, metadata }))));
  return lists.flat().filter(({ kind, metadata }) => (metadata.ownerReferences ?? []).length === 0 || kind.kind === 'PersistentVolumeClaim');
}

/** All objects of one kind with these labels. */
export async function listEverywhere(kubernetes: Kubernetes, kind: Resource, labels: Readonly<Record<string, string>>, namespaces: readonly string[]): Promise<Meta[]> {
  const list = async (path: string): Promise<Meta[]> => (await listObjects<{ metadata: Meta }>(kubernetes, path, labels, METADATA_ONLY)).map(({ metadata }) => metadata);
  try {
    return await list(pathOf(kind));
  } catch (error) {
    if ((error as { code?: string }).code !== 'TODOCTL_CLUSTER_FORBIDDEN' || !kind.namespaced) {
      // Of a kind that its own API does not serve now nothing can be said; what else is there must go all the same.
      if ((error as { code?: string }).code === 'TODOCTL_CLUSTER_STRANGE' && kind.group !== '') return [];
      if ((error as { code?: string }).code === 'TODOCTL_CLUSTER_FORBIDDEN') return [];
      throw error;
    }
    return (await Promise.all(namespaces.map((namespace) => ifAllowed(list(pathOf(kind, namespace)))))).flat();
  }
}

/** Kinds that deploys of the environment made and nobody else had before. */
export async function ownKinds(kubernetes: Kubernetes, kinds: readonly Resource[], marks: Marks): Promise<Thing[]> {
  const kind = kinds.find((one) => one.kind === 'CustomResourceDefinition');
  if (!kind) return [];
  const all = await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, pathOf(kind), {}, METADATA_ONLY));
  return all.filter(({ metadata: { annotations } }) => annotations?.[MADE_FOR]?.startsWith(madeFor(marks, ''))).map(({ metadata }) => ({ kind, metadata }));
}

/** Namespaces that the environment made. */
export async function markedNamespaces(kubernetes: Kubernetes, { labels }: Marks): Promise<Meta[]> {
  return (await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, '/api/v1/namespaces', labels))).map(({ metadata }) => metadata);
}

/** Helm releases of the environment by the labels of their records: a name alone says nothing of whose a release is. */
export async function findReleases(kubernetes: Kubernetes, labels: Readonly<Record<string, string>>, namespaces: readonly string[]): Promise<Release[]> {
  const selector = { owner: 'helm', ...labels };
  const list = (path: string): Promise<Record_[]> => listObjects<Record_>(kubernetes, path, selector, METADATA_ONLY);
  const records = await list('/api/v1/secrets').catch(async (error: unknown) => {
    if ((error as { code?: string }).code !== 'TODOCTL_CLUSTER_FORBIDDEN') throw error;
    return (await Promise.all(namespaces.map((namespace) => ifAllowed(list(`/api/v1/namespaces/${namespace}/secrets`))))).flat();
  });
  const releases = new Map<string, Release & { versions: Map<string, number> }>();
  for (const { metadata } of records) {
    const { name = '', version = '0' } = metadata.labels ?? {};
    const namespace = metadata.namespace ?? '';
    const release = releases.get(`${namespace}/${name}`) ?? { name, namespace, records: [], versions: new Map<string, number>() };
    release.records.push(metadata.name);
    release.versions.set(metadata.name, Number(version));
    releases.set(`${namespace}/${name}`, release);
  }
  return [...releases.values()].map(({ versions, records: names, ...release }) => ({ ...release, records: names.sort((a, b) => (versions.get(a) ?? 0) - (versions.get(b) ?? 0)) }));
}
