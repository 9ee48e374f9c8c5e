import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Check } from '../provider.ts';
import type { ApiAccount, ApiCluster, ApiOptions, ApiSize, ApiVpc } from './api.ts';
import type { DigitalOcean } from './client.ts';
import { checkRegion, checkSize, versionOf } from './cluster/catalog.ts';
import { allClusters, allVpcs, ourCluster, ourVpc, takenRanges } from './cluster/find.ts';
import { networkFor } from './cluster/vpc.ts';
import { type WantedCluster, wantedCluster } from './cluster/wanted.ts';
import { checkOffer } from './databases/server.ts';
import { wantedKafka, wantedPostgres } from './databases/wanted.ts';
import { isRefusal } from './failures.ts';

/** What the parts of one preflight are asked about; each answer is had once. */
interface Seen {
  account: ApiAccount;
  clusters: ApiCluster[];
  options: ApiOptions;
  sizes: ApiSize[];
  vpcs: ApiVpc[];
  databases: object;
}

/**
 * Everything at DigitalOcean that would stop a deploy, all at once. Changes nothing: scopes to read are tried by reading, scopes to
 * write cannot be known before something is written.
 */
export async function preflight(api: DigitalOcean, platform: Platform): Promise<readonly Check[]> {
  const signedIn = await check('DigitalOcean', () => api.read('/v2/account', (library) => library.account.getUserInformation() as unknown as Promise<ApiAccount>));
  const { error } = signedIn;
  // With scopes that leave the account out, the others can still be tried.
  if (error && !isRefusal(error, 403)) return [signedIn];
  const [scopes, seen] = await read(api, platform, signedIn.value);
  const wanted = await check('Region and nodes', async () => wantedCluster(platform));
  if (!wanted.value) return [signedIn, scopes, wanted].map(told);
  const databases = seen.databases === undefined ? [] : await offers(api, platform);
  return [signedIn, scopes, ...judge(wanted.value, seen), ...databases].map(told);
}

/** Whether the managed databases that the environment asks for can be had, in their sizes. */
async function offers(api: DigitalOcean, platform: Platform): Promise<Check[]> {
  const wanted = [wantedPostgres(platform), wantedKafka(platform)].flatMap((one) => (one ? [one.server] : []));
  return Promise.all(wanted.map((server) => check(`Managed ${server.title}`, () => checkOffer(api, server))));
}

async function read(api: DigitalOcean, { environment }: Platform, account: ApiAccount | undefined): Promise<[Check, Partial<Seen>]> {
  const reads = {
    clusters: () => allClusters(api),
    options: () => api.read('/v2/kubernetes/options', (library) => library.kubernetes.getKubernetesOptions() as unknown as Promise<ApiOptions>),
    sizes: () => api.list<ApiSize>('/v2/sizes', 'sizes'),
    vpcs: () => allVpcs(api),
    loadBalancers: () => api.get('/v2/load_balancers', { per_page: 1 }),
    volumes: () => api.get('/v2/volumes', { per_page: 1 }),
    snapshots: () => api.get('/v2/snapshots', { resource_type: 'volume', per_page: 1 }),
    // Who counts what there is of an environment looks for databases too, wanted or not.
    databases: () => api.get('/v2/databases', { per_page: 1 }),
    ...(environment.project === undefined ? {} : { projects: () => api.get('/v2/projects', { per_page: 1 }) }),
    ...(environment.registry ? {} : { registries: () => api.get('/v2/registries') }),
  };
  const answers = await Promise.all(Object.entries<() => Promise<unknown>>(reads).map(async ([name, ask]) => [name, await check(name, ask)] as const));
  const refused = answers.flatMap(([, { error }]) => (error ? [error] : []));
  const missing = refused.filter((error) => error.code === 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING').flatMap(({ details }) => details);
  const other = refused.find((error) => error.code !== 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING');
  const lacks = missing.length > 0 ? new TodoctlError('TODOCTL_DIGITALOCEAN_SCOPE_MISSING', { message: 'The token may not look at all that a deploy makes', details: [...new Set(missing)] }) : undefined;
  const error = lacks ?? other;
  const seen = Object.fromEntries(answers.map(([name, { value }]) => [name, value])) as Partial<Seen>;
  return [{ title: 'Scopes of the token', ...(error ? { error } : {}) }, { ...seen, ...(account ? { account } : {}) }];
}

/** What is wrong with what is wanted, given what the account has; what could not be read is not judged. */
function judge(wanted: WantedCluster, { account, clusters, options, sizes, vpcs }: Partial<Seen>): Judged[] {
  const { owner, region, size, version } = wanted;
  const known = [clusters, vpcs, options, sizes, account].every((one) => one !== undefined);
  if (!known && !options && !clusters) return [];
  return [
    ...(account ? [judged('Account', () => checkAccount(account))] : []),
    ...(options ? [judged('Region', () => checkRegion(region, options)), judged('Version of Kubernetes', () => void versionOf(version, options))] : []),
    ...(options && sizes && options.regions.some(({ slug }) => slug === region) ? [judged('Size of the nodes', () => checkSize(size, region, options, sizes))] : []),
    ...(clusters ? [judged('Name of the cluster', () => void ourCluster(clusters, owner))] : []),
    ...(vpcs ? [judged('Name of the network', () => void ourVpc(vpcs, owner))] : []),
    ...(clusters && vpcs ? [judged('Addresses', () => void networkFor(wanted, takenRanges(clusters, vpcs, owner)))] : []),
    ...(account && clusters ? [judged('Limit of Droplets', () => checkLimit(wanted, account, clusters))] : []),
  ];
}

function checkAccount({ status, status_message: message }: ApiAccount): void {
  if (status === 'locked') throw new TodoctlError('TODOCTL_DIGITALOCEAN_ACCOUNT_LOCKED', { message: `The account at DigitalOcean is ${status}`, details: message ? [message] : [] });
}

/** Nodes are Droplets. Others than nodes are not counted here: DigitalOcean does, and says so when the cluster is asked for. */
function checkLimit({ owner, max, name }: WantedCluster, { droplet_limit: limit }: ApiAccount, clusters: readonly ApiCluster[]): void {
  const ours = ourCluster(clusters, owner);
  const used = clusters.filter((cluster) => cluster !== ours).flatMap(({ node_pools }) => node_pools).reduce((sum, { count, max_nodes = 0 }) => sum + Math.max(count, max_nodes), 0);
  if (used + max <= limit) return;
  throw new TodoctlError('TODOCTL_DIGITALOCEAN_LIMIT', {
    message: `${name} may grow to ${max} nodes, and the account has room for ${Math.max(0, limit - used)}`,
    details: [`the limit is ${limit} Droplets, of which nodes of other clusters may take ${used}`],
  });
}

type Judged = Check & { value?: unknown };

function judged(title: string, look: () => void): Judged {
  try {
    look();
    return { title };
  } catch (error) {
    if (error instanceof TodoctlError) return { title, error };
    throw error;
  }
}

async function check<T>(title: string, ask: () => Promise<T>): Promise<Check & { value?: T }> {
  try {
    return { title, value: await ask() };
  } catch (error) {
    if (error instanceof TodoctlError && error.code !== 'TODOCTL_INTERRUPTED') return { title, error };
    throw error;
  }
}

function told({ title, error }: Check): Check {
  return { title, ...(error ? { error } : {}) };
}
