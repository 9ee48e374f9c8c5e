import type { Change, State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Cluster } from '../../provider.ts';
import type { ApiCluster, ApiOptions, ApiPool, ApiVpc } from '../api.ts';
import { tagsOf } from '../marks.ts';
import { versionOf } from './catalog.ts';
import { allClusters, allVpcs, ourCluster, takenRanges } from './find.ts';
import { networkIn, rangesOf } from './networks.ts';
import { whyNoNodes } from './nodes.ts';
import { type SignInGiven, signIn } from './sign-in.ts';
import { elsewhere, networkFor } from './vpc.ts';
import type { WantedCluster } from './wanted.ts';

/** It takes five minutes as a rule; doctl and Terraform give it thirty. */
const TIMEOUT_MS = 30 * 60_000;
const POOL = 'main';
/** What keeps the API server of a new cluster from an answer: its name is not known everywhere yet, or it has only just begun. */
const NOT_YET = ['TODOCTL_CLUSTER_UNREACHABLE', 'TODOCTL_CLUSTER_STRANGE', 'TODOCTL_CLUSTER_UNAUTHORIZED'];

/** The cluster of an environment, made or found again by its mark, with its nodes Ready. */
export function clusterStep(given: SignInGiven, wanted: WantedCluster, vpc: Step<ApiVpc>): Step<Cluster> {
  const { api } = given;
  const { owner, name, region } = wanted;
  const find = async (): Promise<ApiCluster | undefined> => ourCluster(await allClusters(api), owner);
  return {
    id: 'cluster',
    title: 'Cluster',
    needs: [vpc],
    timeout: TIMEOUT_MS,
    makes: [`cluster ${name} in ${region}: ${wanted.count} nodes ${wanted.size}`],
    async check(): Promise<State<Cluster>> {
      const found = await find();
      if (!found) return { is: 'absent' };
      if (found.region !== region) return { is: 'stuck', error: elsewhere('cluster', found, region) };
      const state = found.status?.state ?? 'provisioning';
      if (state === 'error') return { is: 'stuck', error: await failed(given, found) };
      if (state !== 'running' && state !== 'degraded') return { is: 'busy', reason: await reasonOf(given, found, state) };
      const size = otherSize(found, wanted);
      if (size) return { is: 'stuck', error: size };
      const cluster = await signIn(given, found).catch(notYet);
      if ('waits' in cluster) return { is: 'busy', reason: cluster.waits };
      const changes = changesOf(found, wanted);
      if (changes.length > 0) return { is: 'drifted', value: cluster, changes };
      const reason = await whyNoNodes(given, cluster, found);
      return reason === undefined ? { is: 'done', value: cluster } : { is: 'busy', reason };
    },
    async apply(run) {
      const found = await find();
      if (found) return change(given, found, wanted);
      const { ip_range = '', id } = run.of(vpc);
      const [options, clusters, vpcs] = await Promise.all([optionsOf(given), allClusters(api), allVpcs(api)]);
      // A VPC of other addresses than ours was changed by hand: pods and services get free ones beside it.
      const network = networkIn(ip_range) ?? networkFor(wanted, [...takenRanges(clusters, vpcs, owner), { range: ip_range, by: 'its VPC' }]);
      const body = bodyOf(wanted, versionOf(wanted.version, options), id, rangesOf(network));
      await api.makeBy('/v2/kubernetes/clusters', (library) => library.kubernetes.createCluster(body as never) as unknown as Promise<ApiCluster>, find);
    },
  };
}

async function optionsOf({ api }: Pick<SignInGiven, 'api'>): Promise<ApiOptions> {
  return api.read('/v2/kubernetes/options', (library) => library.kubernetes.getKubernetesOptions() as unknown as Promise<ApiOptions>);
}

/** What DigitalOcean is asked for. Two defaults of its API are not ours: `ha` (dear from 1.36 on, and for good) and `surge_upgrade`. */
function bodyOf(wanted: WantedCluster, version: string, vpc: string, { pods, services }: { pods: string; services: string }): object {
  const { owner, name, region, ha, size } = wanted;
  return {
    name, region, version, ha,
    vpc_uuid: vpc,
    cluster_subnet: pods,
    service_subnet: services,
    surge_upgrade: true,
    auto_upgrade: false,
    tags: tagsOf(owner),
    maintenance_policy: { day: 'sunday', start_time: '04:00' },
    node_pools: [{ name: POOL, size, count: wanted.count, tags: tagsOf(owner), ...scaleOf(wanted) }],
  };
}

/** Both bounds are 0 where there is nothing to scale. */
function scaleOf({ min, max }: WantedCluster): { auto_scale: boolean; min_nodes: number; max_nodes: number } {
  return max > min ? { auto_scale: true, min_nodes: min, max_nodes: max } : { auto_scale: false, min_nodes: 0, max_nodes: 0 };
}

/** The pool that we made; those that a person added are theirs. */
function mainPool({ node_pools }: ApiCluster): ApiPool | undefined {
  return node_pools.find(({ name }) => name === POOL) ?? node_pools[0];
}

function otherSize(found: ApiCluster, { size }: WantedCluster): TodoctlError | undefined {
  const pool = mainPool(found);
  if (!pool || pool.size === size) return undefined;
  return new TodoctlError('TODOCTL_DIGITALOCEAN_CLUSTER_FIXED', { message: `The nodes of ${found.name} are of size ${pool.size}, todoctl.yaml says ${size}` });
}

/** What is to be changed in a cluster that is there. */
export function changesOf(found: ApiCluster, wanted: WantedCluster): Change[] {
  const pool = mainPool(found);
  const scale = scaleOf(wanted);
  const bounds = ({ auto_scale = false, min_nodes = 0, max_nodes = 0, count }: Pick<ApiPool, 'auto_scale' | 'min_nodes' | 'max_nodes' | 'count'>): string => (auto_scale ? `${min_nodes} to ${max_nodes}` : `${count}`);
  const [is, should] = [pool ? bounds(pool) : 'none', bounds({ ...scale, count: wanted.count })];
  return [
    ...(is === should ? [] : [{ what: 'nodes', from: is, to: should }]),
    ...(wanted.ha && !found.ha ? [{ what: 'control plane', from: 'one machine', to: 'several, for good' }] : []),
  ];
}

async function change({ api }: SignInGiven, found: ApiCluster, wanted: WantedCluster): Promise<void> {
  const changes = changesOf(found, wanted).map(({ what }) => what);
  const pool = mainPool(found);
  if (pool && changes.includes('nodes')) {
    // With an autoscaler the number that it found stays, within its bounds. Name and count must be said, says the API's document.
    const count = wanted.max > wanted.min ? Math.min(wanted.max, Math.max(wanted.min, pool.count)) : wanted.count;
    await api.put(`/v2/kubernetes/clusters/${found.id}/node_pools/${pool.id}`, { name: pool.name, count, ...scaleOf(wanted) });
  }
  if (changes.includes('control plane')) await api.put(`/v2/kubernetes/clusters/${found.id}`, { name: found.name, ha: true });
}

/** What DigitalOcean says that it is doing. */
async function reasonOf({ api, clock }: SignInGiven, { id, created_at, status }: ApiCluster, state: string): Promise<string> {
  const last = (await messagesOf(api, id)).at(-1) ?? status?.message;
  const minutes = Math.floor((clock.now() - Date.parse(created_at)) / 60_000);
  const since = state === 'provisioning' && minutes > 0 ? ` for ${minutes} min` : '';
  return `${state}${since}${last ? `: ${last}` : ''}`;
}

async function failed({ api }: SignInGiven, { id, name, status }: ApiCluster): Promise<TodoctlError> {
  const said = [status?.message, ...(await messagesOf(api, id)).slice(-3)].filter((line): line is string => Boolean(line));
  return new TodoctlError('TODOCTL_DIGITALOCEAN_CLUSTER_FAILED', { message: `The cluster ${name} is in state error`, details: [...new Set(said)] });
}

async function messagesOf(api: SignInGiven['api'], id: string): Promise<string[]> {
  const answer = await api.find<{ messages?: readonly { message: string; timestamp: string }[] | null }>(`/v2/kubernetes/clusters/${id}/status_messages`);
  return [...(answer?.messages ?? [])].sort((a, b) => a.timestamp.localeCompare(b.timestamp)).map(({ message }) => message);
}

function notYet(error: unknown): { waits: string } {
  if (error instanceof TodoctlError && NOT_YET.includes(error.code)) return { waits: `its API server does not let us in yet: ${error.details[0] ?? error.message}` };
  throw error;
}
