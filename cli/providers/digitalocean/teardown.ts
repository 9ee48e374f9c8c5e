import type { Change, Run, Step } from '../../engine/step.ts';
import type { Clock } from '../../io/clock.ts';
import type { ProviderTeardown } from '../provider.ts';
import type { ApiAssociated, ApiCluster, ApiVpc } from './api.ts';
import type { DigitalOcean } from './client.ts';
import { allClusters, allVpcs } from './cluster/find.ts';
import { forget } from './cluster/record.ts';
import { isRefusal } from './failures.ts';
import { associatedWith, findAll, findOutside } from './found.ts';
import { noteLeaving, readLeaving } from './leaving.ts';
import { markOf, type Owner } from './marks.ts';
import { namesOf, removeName } from './names.ts';
import { projectGoneStep } from './projects.ts';

export interface TeardownGiven {
  api: DigitalOcean;
  clock: Clock;
  owner: Owner;
  /** Files beside each other: the private kubeconfig, what is remembered of the cluster, what it left. */
  kubeconfig: string;
  record: string;
  leaving: string;
}

/** When nothing has gone for so long, the controllers in the cluster are not waited for any longer: it is deleted with the rest. */
const PATIENCE_MS = 60_000;
/** How often a VPC that still counts members is asked to go, and how long apart: up to ten minutes. */
const VPC_TRIES = 60;
const VPC_PAUSE_MS = 10_000;

/** Removes what was made for one environment; each step waits until its part is gone, and finds by itself what a killed run left. */
export function teardownSteps(given: TeardownGiven, { keepDatabase, after }: Pick<ProviderTeardown, 'keepDatabase' | 'after'>): Step[] {
  const emptied = after ? [after] : [];
  const waited = controllersStep(given, emptied);
  const cluster = clusterStep(given, [waited]);
  const outside = outsideStep(given, [cluster]);
  const databases = databasesStep(given, emptied, keepDatabase);
  const names = namesStep(given, emptied);
  const vpc = vpcStep(given, [cluster, outside, databases]);
  const forgotten = forgetStep(given, [cluster, outside, vpc]);
  // A network that a database stays in cannot go.
  return keepDatabase ? [names, waited, cluster, outside, databases, forgetStep(given, [cluster, outside, databases])] : [names, waited, cluster, outside, databases, vpc, projectGoneStep(given.api, given.owner, [cluster, databases, vpc]), forgotten];
}

/** While the cluster lives, its controllers remove load balancers and volumes of what was in it; that is cleaner than to pull them away. */
function controllersStep({ api, clock, owner }: TeardownGiven, needs: readonly Step[]): Step {
  let seen = { count: Infinity, at: 0 };
  return {
    id: 'controllers',
    title: 'Load balancers and volumes, by the cluster itself',
    needs,
    timeout: 15 * 60_000,
    act: true,
    async check() {
      const cluster = await find(api, owner);
      if (!cluster || cluster.status?.state !== 'running' || needs.length === 0) return { is: 'done', value: undefined };
      const left = countOf(await associatedWith(api, cluster.id));
      if (left.count < seen.count) seen = { count: left.count, at: clock.now() };
      return left.count === 0 || clock.now() - seen.at > PATIENCE_MS ? { is: 'done', value: undefined } : { is: 'busy', reason: `still there: ${left.words}` };
    },
  };
}

function clusterStep({ api, owner, leaving }: TeardownGiven, needs: readonly Step[]): Step {
  return {
    id: 'cluster-gone',
    title: 'Cluster goes',
    needs,
    timeout: 20 * 60_000,
    async check() {
      const cluster = await find(api, owner);
      if (!cluster) return { is: 'done', value: undefined };
      if (cluster.status?.state === 'deleting') return { is: 'busy', reason: 'DigitalOcean deletes the cluster' };
      const { words, count } = countOf(await associatedWith(api, cluster.id));
      return drifted([{ what: `cluster ${cluster.name}`, from: cluster.status?.state ?? 'there', to: 'gone' }, ...(count > 0 ? [{ what: words, to: 'gone' }] : [])]);
    },
    async apply() {
      const cluster = await find(api, owner);
      if (!cluster) return;
      const associated = await associatedWith(api, cluster.id);
      await noteLeaving(leaving, cluster.id, associated);
      const { load_balancers, volumes, volume_snapshots } = associated;
      // What was listed and shown, and nothing that came since.
      const body = { load_balancers: ids(load_balancers), volumes: ids(volumes), volume_snapshots: ids(volume_snapshots) };
      await api.remove(`/v2/kubernetes/clusters/${cluster.id}/destroy_with_associated_resources/selective`, body);
    },
  };
}

/** What stays when its cluster is gone: asked for by id. */
function outsideStep({ api, owner, ...files }: TeardownGiven, needs: readonly Step[]): Step {
  const look = async () => {
    const vpc = await findVpc(api, owner);
    return findOutside(api, vpc ? { vpc } : {}, await readLeaving(files));
  };
  return {
    id: 'outside-gone',
    title: 'What the cluster made goes',
    needs,
    timeout: 15 * 60_000,
    async check() {
      const { loadBalancers, volumes, snapshots } = await look();
      const all = [...loadBalancers.map(({ name }) => `load balancer ${name}`), ...volumes.map(({ name }) => `volume ${name}`), ...snapshots.map(({ name }) => `snapshot ${name}`)];
      if (all.length === 0) return { is: 'done', value: undefined };
      const attached = volumes.filter(({ droplet_ids }) => (droplet_ids ?? []).length > 0);
      const coming = loadBalancers.filter(({ status }) => status === 'new');
      if (coming.length > 0) return { is: 'busy', reason: `cannot go before it is made: ${coming.map(({ name }) => name).join(', ')}` };
      if (attached.length > 0) return { is: 'busy', reason: `still attached to a node: ${attached.map(({ name }) => name).join(', ')}` };
      return drifted(all.map((what) => ({ what, to: 'gone' })));
    },
    async apply() {
      const { loadBalancers, volumes, snapshots } = await look();
      for (const { id } of loadBalancers) await api.remove(`/v2/load_balancers/${id}`);
      for (const { id } of volumes) await api.remove(`/v2/volumes/${id}`);
      for (const { id } of snapshots) await api.remove(`/v2/snapshots/${id}`);
    },
  };
}

/** Managed Kafka is no database: its events are in the one that stays. */
function databasesStep({ api, owner, ...files }: TeardownGiven, needs: readonly Step[], keepDatabase: boolean): Step {
  const look = async () => (await findAll(api, owner, await readLeaving(files))).databases.filter(({ engine }) => !keepDatabase || engine === 'kafka');
  return {
    id: 'databases-gone',
    title: 'Managed databases go',
    needs,
    timeout: 15 * 60_000,
    async check() {
      const found = await look();
      return found.length === 0 ? { is: 'done', value: undefined } : drifted(found.map(({ name, engine }) => ({ what: `${engine} ${name}`, to: 'gone' })));
    },
    async apply() {
      for (const { id } of await look()) await api.remove(`/v2/databases/${id}`);
    },
  };
}

/** A name must not lead to an address that others are given next. */
function namesStep({ api, owner }: TeardownGiven, needs: readonly Step[]): Step {
  return {
    id: 'dns-gone',
    title: 'DNS record goes',
    needs,
    timeout: 5 * 60_000,
    async check() {
      const names = await namesOf(api, owner);
      return names.length === 0 ? { is: 'done', value: undefined } : drifted(names.map(({ host }) => ({ what: host, to: 'gone' })));
    },
    async apply(run) {
      for (const name of await namesOf(api, owner)) await removeName(api, name, run);
    },
  };
}

function vpcStep({ api, clock, owner }: TeardownGiven, needs: readonly Step[]): Step {
  return {
    id: 'vpc-gone',
    title: 'Private network goes',
    needs,
    timeout: 15 * 60_000,
    async check() {
      const vpc = await findVpc(api, owner);
      return !vpc || vpc.default ? { is: 'done', value: undefined } : drifted([{ what: `VPC ${vpc.name}`, to: 'gone' }]);
    },
    async apply(run) {
      const vpc = await findVpc(api, owner);
      if (vpc) await removeVpc(api, clock, vpc, run);
    },
  };
}

/** Members are counted for minutes after they are gone: 403 says DigitalOcean's document, 409 is what it answers. */
async function removeVpc(api: DigitalOcean, clock: Clock, { id }: ApiVpc, run: Run): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await api.remove(`/v2/vpcs/${id}`);
      return;
    } catch (error) {
      if (!isRefusal(error, 403, 409) || attempt === VPC_TRIES) throw error;
      run.progress(`VPC: ${error.said}`);
    }
    await clock.wait(VPC_PAUSE_MS, run.leave);
  }
}

/** The kubeconfig of a cluster that is gone is of no use, and what it left is only noted until that is gone too. */
function forgetStep({ kubeconfig, record, leaving }: TeardownGiven, needs: readonly Step[]): Step {
  let done = false;
  return {
    id: 'forget',
    title: 'Its private kubeconfig goes',
    needs,
    timeout: 60_000,
    act: true,
    check: async () => (done ? { is: 'done', value: undefined } : { is: 'absent' }),
    async apply() {
      await forget(kubeconfig, record, leaving);
      done = true;
    },
  };
}

async function find(api: DigitalOcean, owner: Owner): Promise<ApiCluster | undefined> {
  return (await allClusters(api)).find(({ tags }) => tags?.includes(markOf(owner)));
}

async function findVpc(api: DigitalOcean, owner: Owner): Promise<ApiVpc | undefined> {
  return (await allVpcs(api)).find(({ description }) => description === markOf(owner));
}

function drifted(changes: Change[]): { is: 'drifted'; value: undefined; changes: Change[] } {
  return { is: 'drifted', value: undefined, changes };
}

function ids(some: ApiAssociated['volumes']): string[] {
  return (some ?? []).map(({ id }) => id);
}

function countOf({ load_balancers, volumes, volume_snapshots }: ApiAssociated): { count: number; words: string } {
  const counts = [[ids(load_balancers).length, 'load balancers'], [ids(volumes).length, 'volumes'], [ids(volume_snapshots).length, 'snapshots']] as const;
  const some = counts.filter(([count]) => count > 0);
  return { count: some.reduce((sum, [count]) => sum + count, 0), words: some.map(([count, what]) => `${count} ${what}`).join(', ') };
}
