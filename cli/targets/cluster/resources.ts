import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { ifAllowed } from '../../kubernetes/read.ts';
import type { Resource, ResourceKind } from '../../providers/resource.ts';
import { endingNamespace, whatHolds } from './ending.ts';
import type { Ground } from './ground.ts';
import { claimant, lockNameOf, lookAtLease } from './lease.ts';
import { marksOf, type Marks } from './marks.ts';
import type { Release, Thing } from './uninstall/found.ts';
import { findReleases } from './uninstall/found.ts';
import { type Inventory, takeInventory, volumesOf } from './uninstall/inventory.ts';
import { inhabited, usedByOthers } from './uninstall/shared.ts';

/** What there is of the environment: what the provider gave, and what is in the cluster. Goes by marks, not by the definition. */
export async function findResources(ground: Ground): Promise<Resource[]> {
  const given = await (await ground.provider()).resources();
  const kubernetes = await ground.kubernetes().catch((error: unknown) => {
    // Without a cluster there is nothing in it; one that is away must not hide what bills.
    if (error instanceof TodoctlError && (error.code === 'TODOCTL_NOT_DEPLOYED' || (error.code.startsWith('TODOCTL_CLUSTER_') && given.length > 0))) return undefined;
    throw error;
  });
  if (!kubernetes) return [...given];
  const [inside, lock] = await Promise.all([wantedReleases(ground).then((wanted) => resourcesInside(kubernetes, marksOf(ground), wanted)), abandonedLock(kubernetes, ground)]);
  // What the provider counts itself, with its price, is not counted twice.
  const counted = new Set<ResourceKind>(given.length > 0 ? ['load balancer', 'volume'] : []);
  return [...given, ...inside.filter(({ kind }) => !counted.has(kind)), ...lock];
}

/** The lock of a run that was killed: the last thing of ours in the cluster. One that is held belongs to whoever is at work. */
async function abandonedLock(kubernetes: Kubernetes, { given: { clock, environment }, peek: { platform } }: Ground): Promise<Resource[]> {
  const name = lockNameOf({ platform, environment });
  return ifAllowed(lookAtLease(kubernetes, name, claimant('look'), clock.now()).then((held): Resource[] =>
    held.by === 'nobody' && held.there ? [{ kind: 'object', name: `Lease ${name}`, id: `Lease kube-system/${name}`, owner: 'environment' }] : [],
  ));
}

/** The releases that the definition names; none where it is broken, for then it does not matter. */
async function wantedReleases(ground: Ground): Promise<readonly Pick<Release, 'name' | 'namespace'>[]> {
  try {
    return (await ground.wanted()).desired.releases.map(({ release, namespace }) => ({ name: release, namespace }));
  } catch {
    return [];
  }
}

/** What is in the cluster. `wanted` are releases that the environment uses: those that others installed are left, and said. */
export async function resourcesInside(kubernetes: Kubernetes, marks: Marks, wanted: readonly Pick<Release, 'name' | 'namespace'>[]): Promise<Resource[]> {
  const inventory = await takeInventory(kubernetes, marks, { database: false });
  const own = new Set(inventory.namespaces.map(({ metadata }) => metadata.name));
  const ownReleases = new Set(inventory.releases.map(({ name }) => name));
  const stays = await usedByOthers(kubernetes, inventory, marks);
  const going = inventory.releases.filter(({ name, namespace }) => !stays.releases.has(`${namespace}/${name}`));
  const [volumes, busy, foreign] = await Promise.all([
    volumesOf(kubernetes, inventory.claims),
    // While something of ours runs there, it is not known what will be left.
    inventory.objects.length + inventory.kafka.length + going.length > 0 ? [] : inhabited(kubernetes, inventory.namespaces, marks),
    Promise.all(wanted.filter(({ name }) => !ownReleases.has(name)).map(async ({ name, namespace }) => (await findReleases(kubernetes, { name }, [namespace])).filter((one) => one.namespace === namespace))),
  ]);
  const ending = new Map(await Promise.all(inventory.namespaces.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(async ({ metadata: { name } }) => {
    const namespace = await endingNamespace(kubernetes, name);
    return [name, namespace && (whatHolds(namespace).join('; ') || undefined)] as const;
  })));
  const disks = new Map(volumes.map((volume) => [`${volume.spec.claimRef?.namespace}/${volume.spec.claimRef?.name}`, volume]));
  return [
    ...inventory.namespaces.map((thing) => resource('namespace', thing, stays.namespaces.get(thing.metadata.name) ?? busy.find((one) => one.thing === thing)?.why, ending.get(thing.metadata.name))),
    ...inventory.releases.map(({ name, namespace }) => releaseOf(name, namespace, stays.releases.get(`${namespace}/${name}`))),
    ...inventory.kafka.filter(({ kind }) => kind.kind === 'Kafka').map((thing) => resource('kafka', thing)),
    ...inventory.topics.map((thing) => resource(thing.kind.kind === 'KafkaTopic' ? 'topic' : 'object', thing)),
    ...inventory.entrances.map((thing) => resource('load balancer', thing)),
    ...inventory.claims.map((thing) => ({ ...resource('volume', thing, stays.namespaces.get(thing.metadata.namespace ?? '')), id: disks.get(keyOf(thing))?.metadata.name ?? keyOf(thing) })),
    ...elsewhere(inventory, own).map((thing) => resource('object', thing)),
    ...inventory.crds.map((thing) => resource('object', thing, stays.crds.find((one) => one.thing === thing)?.why)),
    ...foreign.flat().map(({ name, namespace }) => releaseOf(name, namespace, 'installed by somebody else')),
  ];
}

/** What lies in a namespace of ours goes with it and is not told one by one. */
function elsewhere({ objects }: Inventory, own: ReadonlySet<string>): Thing[] {
  return objects.filter(({ metadata: { namespace } }) => namespace === undefined || !own.has(namespace));
}

function releaseOf(name: string, namespace: string, heldBy: string | undefined): Resource {
  return { kind: 'release', name, id: `${namespace}/${name}`, owner: heldBy === undefined ? 'environment' : 'other', ...(heldBy === undefined ? {} : { heldBy }) };
}

/** `why` it stays, where it does; `holds` is what keeps it from going. */
function resource(kind: ResourceKind, thing: Thing, why?: string, holds?: string): Resource {
  const { metadata: { name, finalizers = [], deletionTimestamp } } = thing;
  const held = deletionTimestamp === undefined || finalizers.length === 0 ? (holds ?? why) : `the finalizer ${finalizers.join(', ')}`;
  return { kind, name: kind === 'object' ? `${thing.kind.kind} ${name}` : name, id: `${thing.kind.kind} ${keyOf(thing)}`, owner: why === undefined ? 'environment' : 'other', ...(held === undefined ? {} : { heldBy: held }) };
}

function keyOf({ metadata: { namespace, name } }: Thing): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
