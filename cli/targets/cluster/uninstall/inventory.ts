import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { Resource as Kind } from '../../../kubernetes/discovery.ts';
import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import type { Marks } from '../marks.ts';
import { type Meta, STRIMZI } from '../workloads.ts';
import { findMarked, findReleases, listEverywhere, markedNamespaces, ownKinds, type PersistentVolume, type Release, removableKinds, type Thing } from './found.ts';

/** What of an environment a teardown leaves. */
export interface Keep {
  /** The database that runs in the cluster, with its disk and its password. */
  database: boolean;
}

/** What is there of an environment, sorted by when it may go. */
export interface Inventory {
  /** All that is neither of the following. */
  objects: Thing[];
  /** Gateways, Ingresses and Services with a load balancer. */
  entrances: Thing[];
  /** Topics, users, connectors: all that Strimzi cleans up in Kafka. */
  topics: Thing[];
  kafka: Thing[];
  claims: Thing[];
  releases: Release[];
  /** Kinds that deploys made. */
  crds: Thing[];
  namespaces: Thing[];
  /** Kept on purpose. */
  kept: Thing[];
  /** Every kind that the cluster knows, as it was when this was looked at. */
  kinds: readonly Kind[];
}

const KAFKA = new Set(['Kafka', 'KafkaNodePool']);
const ENTRANCE = new Set(['Gateway', 'Ingress']);
const DATABASE = 'postgres';

/** Which kinds to look at; a cluster has a hundred and more, and most steps wait for a few. */
export type Among = (kind: Pick<Kind, 'kind' | 'group'>) => boolean;

/** Of what can be entered, of Strimzi, of disks. Namespaces, releases and kinds themselves are looked at always. */
export const AMONG = {
  entrances: ({ kind }) => ENTRANCE.has(kind) || kind === 'Service',
  strimzi: ({ group }) => group.endsWith('strimzi.io'),
  claims: ({ kind }) => kind === 'PersistentVolumeClaim',
  database: ({ kind }) => kind === 'PersistentVolumeClaim' || kind === 'StatefulSet' || kind === 'Secret',
} satisfies Record<string, Among>;

/**
 * Looks at the cluster: by marks, never by names. Kinds are listed anew each time: some go with their operators.
 * Errors: TODOCTL_CLUSTER_*.
 */
export async function takeInventory(kubernetes: Kubernetes, marks: Marks, keep: Keep, among: Among = () => true): Promise<Inventory> {
  const kinds = await removableKinds(kubernetes);
  const own = await markedNamespaces(kubernetes, marks);
  const names = [...new Set([marks.namespace, ...own.map(({ name }) => name)])];
  const [marked, releases, ofKafka, balancers, claims, crds] = await Promise.all([
    findMarked(kubernetes, kinds.filter((kind) => kind.kind === 'Namespace' || among(kind)), marks, names),
    findReleases(kubernetes, marks.labels, names),
    unmarkedTopics(kubernetes, kinds, marks),
    loadBalancers(kubernetes, kinds, own.map(({ name }) => name)),
    claimsIn(kubernetes, kinds, own.map(({ name }) => name)),
    ownKinds(kubernetes, kinds, marks),
  ]);
  const all = unique([...marked, ...ofKafka, ...balancers, ...claims, ...crds]);
  const isKept = (thing: Thing): boolean => keep.database && isOfDatabase(thing);
  const kept = all.filter((thing) => isKept(thing) || (keep.database && thing.kind.kind === 'Namespace' && thing.metadata.name === marks.namespace && all.some(isKept)));
  const inventory: Inventory = { objects: [], entrances: [], topics: [], kafka: [], claims: [], releases, crds: [], namespaces: [], kept, kinds };
  for (const thing of all) if (!kept.includes(thing)) listOf(inventory, thing).push(thing);
  return inventory;
}

/** Its password too, without which its disk is of no use, and the policy that says who may reach it. */
function isOfDatabase({ kind: { kind }, metadata: { labels, name } }: Thing): boolean {
  return labels?.['todoctl.io/system'] === DATABASE || labels?.['app.kubernetes.io/name'] === DATABASE || name === DATABASE || (kind === 'Secret' && name.startsWith(`${DATABASE}-`));
}

function listOf(inventory: Inventory, { kind: { kind, group }, metadata }: Thing): Thing[] {
  if (kind === 'Namespace') return inventory.namespaces;
  if (kind === 'CustomResourceDefinition') return inventory.crds;
  if (kind === 'PersistentVolumeClaim') return inventory.claims;
  if (kind === 'PersistentVolume') return [];
  // The record of a release goes with it.
  if (kind === 'Secret' && metadata.labels?.['owner'] === 'helm') return [];
  if (group.endsWith('strimzi.io')) return KAFKA.has(kind) ? inventory.kafka : inventory.topics;
  return ENTRANCE.has(kind) || (kind === 'Service' && isBalancer(metadata)) ? inventory.entrances : inventory.objects;
}

/** A topic that somebody added by hand holds the namespace too, once nobody is left to remove it. */
async function unmarkedTopics(kubernetes: Kubernetes, kinds: readonly Kind[], { namespace, platform }: Marks): Promise<Thing[]> {
  const owned = await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, `${STRIMZI}/namespaces/${namespace}/kafkas`));
  if (!owned.some(({ metadata }) => metadata.labels?.['todoctl.io/platform'] === platform)) return [];
  const of = kinds.filter(({ group, kind }) => group === 'kafka.strimzi.io' && (kind === 'KafkaTopic' || kind === 'KafkaUser'));
  const found = await Promise.all(of.map(async (kind) => (await listEverywhere(kubernetes, kind, { 'strimzi.io/cluster': platform }, [namespace])).map((metadata): Thing => ({ kind, metadata }))));
  return found.flat().filter(({ metadata }) => metadata.namespace === namespace);
}

const BALANCER = 'service.kubernetes.io/load-balancer-cleanup';

/** A Service holds its load balancer by this finalizer, whoever made it: a Gateway's controller gives it no labels of ours. */
function isBalancer({ finalizers = [] }: Meta): boolean {
  return finalizers.includes(BALANCER);
}

async function loadBalancers(kubernetes: Kubernetes, kinds: readonly Kind[], namespaces: readonly string[]): Promise<Thing[]> {
  const services = await inEach(kubernetes, kinds, 'Service', namespaces);
  return services.filter(({ metadata }) => isBalancer(metadata) && (metadata.ownerReferences ?? []).length === 0);
}

/** In a namespace that the environment made all disks are of it: an operator gives them labels of its own. */
async function claimsIn(kubernetes: Kubernetes, kinds: readonly Kind[], namespaces: readonly string[]): Promise<Thing[]> {
  return inEach(kubernetes, kinds, 'PersistentVolumeClaim', namespaces);
}

async function inEach(kubernetes: Kubernetes, kinds: readonly Kind[], name: string, namespaces: readonly string[]): Promise<Thing[]> {
  const kind = kinds.find((one) => one.kind === name && one.group === '');
  if (!kind) return [];
  const lists = await Promise.all(namespaces.map((namespace) => ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, `/api/v1/namespaces/${namespace}/${kind.plural}`))));
  return lists.flat().map(({ metadata }) => ({ kind, metadata }));
}

function unique(things: readonly Thing[]): Thing[] {
  return [...new Map(things.map((thing) => [`${thing.kind.group}/${thing.kind.kind} ${thing.metadata.namespace ?? ''}/${thing.metadata.name}`, thing])).values()];
}

/** Disks that were made for claims of these namespaces; those that somebody put there by hand stay his. */
export async function volumesOf(kubernetes: Kubernetes, claims: readonly Thing[]): Promise<PersistentVolume[]> {
  const wanted = new Set(claims.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`));
  const volumes = await ifAllowed(listObjects<PersistentVolume>(kubernetes, '/api/v1/persistentvolumes'));
  return volumes.filter(({ spec: { claimRef }, metadata }) => wanted.has(`${claimRef?.namespace}/${claimRef?.name}`) && metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined);
}
