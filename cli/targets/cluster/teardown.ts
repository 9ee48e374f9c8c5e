import { rm } from 'node:fs/promises';
import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { listObjects, readObject } from '../../kubernetes/read.ts';
import type { Cluster, Provider } from '../../providers/provider.ts';
import type { TeardownSelection } from '../target.ts';
import { endingNamespace, type EndingNamespace, whatHolds } from './ending.ts';
import type { Ground } from './ground.ts';
import { Helm } from './helm.ts';
import { marksOf } from './marks.ts';
import { refuseTeardownWithoutRights } from './refuse-rights.ts';
import { findResources } from './resources.ts';
import { openLock } from './steps/lock.ts';
import type { PersistentVolume, Release, Thing } from './uninstall/found.ts';
import { AMONG, type Among, type Inventory, type Keep, takeInventory, volumesOf } from './uninstall/inventory.ts';
import { type Removal, removalStep } from './uninstall/removal.ts';
import { inhabited, type Stays, usedByOthers } from './uninstall/shared.ts';

const MINUTE = 60_000;
/** A finalizer that has done nothing for so long is called hanging; a load balancer of a cloud takes up to two minutes. */
const HANG_MS = 4 * MINUTE;
/** Only what is looked at always: namespaces, releases, kinds. */
const NOTHING: Among = () => false;

/**
 * Removes the environment from its cluster, in an order that cannot hang: what is entered and what runs, topics and users while the
 * operator that cleans up after them lives, Kafka, operators, disks, kinds, namespaces. Then the provider removes what it gave.
 * Goes by what is found. Errors of a step: TODOCTL_FINALIZER_HANGS, TODOCTL_CLUSTER_*, TODOCTL_RELEASE_FAILED, TODOCTL_LOCKED.
 */
export async function teardownSteps(ground: Ground, selection: TeardownSelection, hangMs = HANG_MS): Promise<Step[]> {
  if (selection.keepData) {
    throw new TodoctlError('TODOCTL_USAGE', { message: '--keep-data is for this machine: in a cluster Kafka’s disks are of no use to another Kafka', next: ['To keep the database: todoctl teardown --keep database.'] });
  }
  const provider = await ground.provider();
  const [cluster, found] = await Promise.all([ifDeployed(ground).catch((error: unknown) => throwAway(error, provider, ground)), findResources(ground)]);
  if (cluster) await refuseTeardownWithoutRights(ground.open(cluster), ground.given);
  const emptied = cluster ? emptySteps(ground, cluster, { database: selection.keepDatabase ?? false }, hangMs) : [];
  const after = emptied.at(-1);
  const given = await provider.teardown?.({ found, keepDatabase: selection.keepDatabase ?? false, withRegistry: selection.withRegistry ?? false, ...(after ? { after } : {}) });
  return [...emptied, ...(given ?? [])];
}

/** Undefined where there is no cluster, or nobody has made one yet. */
export async function ifDeployed(ground: Ground): Promise<Cluster | undefined> {
  return ground.cluster().catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_NOT_DEPLOYED') return undefined;
    throw error;
  });
}

/** A cluster that does not answer cannot be emptied; whoever made it can delete it all the same. */
function throwAway(error: unknown, { name, clusters }: Provider, { given: { environment } }: Ground): never {
  if (!(error instanceof TodoctlError) || !clusters || !AWAY.has(error.code)) throw error;
  throw new TodoctlError(error.code, {
    message: error.message,
    details: error.details,
    why: `What is in a cluster is removed through its API, in an order that leaves nothing behind; ${name} has the cluster, and its API does not answer. Nothing was changed.`,
    next: [
      'Try again in some minutes: while a cluster is being upgraded its API is away for a while.',
      `If it stays away: todoctl cluster delete --env ${environment} has ${name} delete it as it is, with its load balancers, volumes and network.`,
      `Then todoctl teardown --env ${environment} removes what is left: databases, their network.`,
    ],
    cause: error,
  });
}

/** A cluster that is another one, or does not know who asks, has answered: its own error says what to do. */
const AWAY = new Set(['TODOCTL_CLUSTER_UNREACHABLE', 'TODOCTL_CLUSTER_STRANGE']);

function emptySteps(ground: Ground, cluster: Cluster, keep: Keep, hangMs: number): Step[] {
  const marks = marksOf(ground);
  const kubernetes = ground.open(cluster);
  const { clock, env, io } = ground.given;
  const reach: Step<Cluster> = { id: 'cluster', title: 'Cluster', needs: [], timeout: MINUTE, check: async () => ({ is: 'done', value: cluster }) };
  const lock = openLock(ground, reach, 'teardown');
  const assertHeld = (): void => lock.assertHeld();
  const look = (among?: Among): Promise<Inventory> => takeInventory(kubernetes, marks, keep, among);
  const removal = (id: string, title: string, needs: readonly Step[], minutes: number, find: Removal['find'], more: Partial<Removal> = {}): Step =>
    removalStep({ id, title, needs, timeout: minutes * MINUTE, kubernetes, clock, hangMs, assertHeld, find, ...more });

  const entrance = removal('entrance', 'Close the entrance', [lock.step], 10, async () => (await look(AMONG.entrances)).entrances);
  const services = removal('services', 'Remove the services', [lock.step], 10, async () => (await look()).objects);
  const topics = removal('topics', 'Remove topics and users', [services], 10, async () => (await look(AMONG.strimzi)).topics);
  const kafka = removal('kafka', 'Remove Kafka', [topics], 10, async () => (await look(AMONG.strimzi)).kafka, { after: () => brokersLeft(kubernetes, marks.namespace, marks.platform) });
  const staying = async (among: Among): Promise<{ inventory: Inventory; stays: Stays }> => {
    const inventory = await look(among);
    return { inventory, stays: await usedByOthers(kubernetes, inventory, marks) };
  };
  const going = async (): Promise<Release[]> => {
    const { inventory, stays } = await staying(NOTHING);
    return inventory.releases.filter(({ name, namespace }) => !stays.releases.has(`${namespace}/${name}`));
  };
  const operators = releasesStep(going, new Helm({ folder: ground.folder, kubeconfig: cluster.kubeconfig, env, redactor: io.redactor }), [entrance, services, kafka], assertHeld);
  /** Known from the moment on that their claims were: these name them no longer once they are gone. */
  const disks = new Map<string, PersistentVolume>();
  const claims = async (): Promise<Thing[]> => {
    const { inventory, stays } = await staying(AMONG.claims);
    return inventory.claims.filter(({ metadata }) => !stays.namespaces.has(metadata.namespace ?? ''));
  };
  // Last of what runs: a claim stays as long as a pod has it, and operators have claims too, as Dapr's scheduler.
  const volumes = removal('volumes', 'Remove the disks', [operators], 10, claims, {
    before: async (found) => {
      for (const volume of await volumesOf(kubernetes, found)) disks.set(volume.metadata.name, volume);
      await Promise.all([...disks.values()].map((volume) => releaseDisk(kubernetes, volume)));
    },
    after: async () => (await disksLeft(kubernetes, disks)).map(({ metadata, status }) => `disk ${metadata.name}${status?.message ? ` (${status.message})` : ''}`),
  });
  const crds = removal('crds', 'Remove kinds that nobody uses any more', [operators, volumes], 5, async () => {
    const { inventory, stays } = await staying(NOTHING);
    return inventory.crds.filter((thing) => !stays.crds.some((one) => one.thing === thing));
  });
  const ended = async (): Promise<Thing[]> => {
    const { inventory, stays } = await staying(keep.database ? AMONG.database : NOTHING);
    const others = await inhabited(kubernetes, inventory.namespaces, marks);
    return inventory.namespaces.filter((thing) => !stays.namespaces.has(thing.metadata.name) && !others.some((one) => one.thing === thing));
  };
  const namespaces = removal('namespaces', 'Remove the namespaces', [crds], 10, ended, { heldBy: async ({ metadata }) => holders(await endingNamespace(kubernetes, metadata.name)) });
  const files: Step = {
    id: 'files', title: 'Remove the private files', needs: [namespaces], timeout: MINUTE, act: true,
    check: async () => {
      await rm(ground.folder, { recursive: true, force: true });
      return { is: 'done', value: undefined };
    },
  };
  return [reach, lock.step, entrance, services, topics, kafka, operators, volumes, crds, namespaces, files];
}

/** Helm takes its releases away: of those that others brought none bears the marks, and one that serves kinds of others stays. */
function releasesStep(look: () => Promise<readonly Release[]>, helm: Helm, needs: readonly Step[], assertHeld: () => void): Step {
  return {
    id: 'releases',
    title: 'Uninstall the Helm releases',
    needs,
    timeout: 15 * MINUTE,
    async check() {
      const releases = await look();
      return releases.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: releases.map(({ name, namespace }) => ({ what: `${name} in ${namespace}`, to: 'uninstalled' })) };
    },
    async apply(run) {
      // One after the other: each asks the API server for all kinds, and some serve kinds of others.
      for (const { name, namespace } of await look()) {
        if (run.leave.aborted) return;
        assertHeld();
        run.progress(`helm uninstall ${name}`);
        await helm.uninstall(name, namespace);
      }
    },
  };
}

function holders(namespace: EndingNamespace | undefined): string[] {
  return namespace ? whatHolds(namespace) : [];
}

async function brokersLeft(kubernetes: Kubernetes, namespace: string, platform: string): Promise<readonly string[]> {
  const pods = await listObjects<Thing>(kubernetes, `/api/v1/namespaces/${namespace}/pods`, { 'strimzi.io/cluster': platform });
  return pods.map(({ metadata }) => `pod ${metadata.name}`);
}

/** A class that keeps disks beyond their claims would go on billing: the disk is told to go with its claim. */
async function releaseDisk(kubernetes: Kubernetes, { metadata: { name }, spec }: PersistentVolume): Promise<void> {
  if (spec.persistentVolumeReclaimPolicy === 'Delete') return;
  await kubernetes.ask(`/api/v1/persistentvolumes/${name}`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ spec: { persistentVolumeReclaimPolicy: 'Delete' } }) });
}

async function disksLeft(kubernetes: Kubernetes, disks: ReadonlyMap<string, PersistentVolume>): Promise<PersistentVolume[]> {
  return (await Promise.all([...disks.keys()].map((name) => readObject<PersistentVolume>(kubernetes, `/api/v1/persistentvolumes/${name}`)))).flatMap((volume) => volume ?? []);
}

