import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Clock } from '../../../io/clock.ts';
import type { Redactor } from '../../../io/redactor.ts';
import { identify } from '../../../kubernetes/identity.ts';
import { type ClusterAccess, readKubeconfig } from '../../../kubernetes/kubeconfig.ts';
import { writeKubeconfig } from '../../../kubernetes/private-kubeconfig.ts';
import type { Cluster } from '../../provider.ts';
import type { ApiCluster, ApiCredentials } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { noteLeaving } from '../leaving.ts';
import { type ClusterRecord, readRecord, writeRecord } from './record.ts';

export interface SignInGiven {
  api: DigitalOcean;
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  stop: AbortSignal;
  clock: Clock;
  /** The private kubeconfig. */
  kubeconfig: string;
  /** What is remembered of it. */
  record: string;
  /** What clusters left that are gone. */
  leaving: string;
}

/** A working day. */
const TOKEN_S = 8 * 3600;
/** A token that ends sooner is not begun with. */
const LEAST_MS = 10 * 60_000;

/**
 * The cluster as it was last signed in to, without asking DigitalOcean: its token is still good, and who answers is the one that is
 * remembered. Undefined where any of that is not so. Errors: TODOCTL_INTERRUPTED.
 */
export async function knownCluster(given: SignInGiven): Promise<Cluster | undefined> {
  const record = await readRecord(given.record);
  const access = record && (await stored(given, record));
  if (!record || !access) return undefined;
  const uid = await identify(access, given).catch(() => undefined);
  given.stop.throwIfAborted();
  return uid === record.uid ? clusterOf(given, record, access) : undefined;
}

/**
 * Signs in to a cluster that runs: with the stored token while it is good, else with a new one. One that was deleted by hand and made
 * anew has another id, and replaces what was remembered. Errors: TODOCTL_CLUSTER_WRONG, where another cluster answers at its address;
 * those of identify().
 */
export async function signIn(given: SignInGiven, { id, name, region }: Pick<ApiCluster, 'id' | 'name' | 'region'>): Promise<Cluster> {
  const before = await readRecord(given.record);
  const record = before?.id === id ? before : undefined;
  const known = record && (await stored(given, record));
  if (record && known) {
    const uid = await identify(known, given).catch(unlessUnauthorized);
    if (uid !== undefined) return clusterOf(given, checked(record, uid), known);
  }
  const { access, expires } = await fetchAccess(given, { id, name, region });
  const uid = await identify(access, given);
  if (record) checked(record, uid);
  if (before && !record) await noteLeaving(given.leaving, before.id, {});
  const now = { id, name, region, uid, expires };
  await writeKubeconfig(given.kubeconfig, access);
  await writeRecord(given.record, now);
  return clusterOf(given, now, access);
}

/** A new token of a cluster, `seconds` long. Errors: Refusal; the scope is kubernetes:access_cluster. */
export async function fetchAccess({ api, redactor, clock }: Pick<SignInGiven, 'api' | 'redactor' | 'clock'>, { id, name, region }: Pick<ApiCluster, 'id' | 'name' | 'region'>, seconds = TOKEN_S): Promise<{ access: ClusterAccess; expires: number }> {
  const answer = await api.get<ApiCredentials>(`/v2/kubernetes/clusters/${id}/credentials`, { expiry_seconds: seconds });
  const [certificate, key] = [decoded(answer.client_certificate_data), decoded(answer.client_key_data)];
  for (const secret of [answer.token, key]) if (secret) redactor.register(secret);
  const access: ClusterAccess = {
    context: `do-${region}-${name}`,
    server: new URL(answer.server),
    ca: decoded(answer.certificate_authority_data) ?? '',
    insecure: false,
    user: { ...(answer.token ? { token: answer.token } : {}), ...(certificate && key ? { certificate, key } : {}) },
  };
  const told = Date.parse(answer.expires_at ?? '');
  return { access, expires: Number.isNaN(told) ? clock.now() + seconds * 1000 : told };
}

async function stored({ kubeconfig, clock, redactor }: SignInGiven, { expires }: ClusterRecord): Promise<ClusterAccess | undefined> {
  if (expires - clock.now() < LEAST_MS) return undefined;
  const access = await readKubeconfig([kubeconfig]).catch(() => undefined);
  if (access?.user.token !== undefined) redactor.register(access.user.token);
  return access;
}

function clusterOf(given: SignInGiven, record: ClusterRecord, access: ClusterAccess): Cluster {
  return {
    name: `${record.name} in ${record.region}`,
    access,
    kubeconfig: given.kubeconfig,
    uid: record.uid,
    id: record.id,
    async renew() {
      const { access: anew, expires } = await fetchAccess(given, record);
      checked(record, await identify(anew, given));
      await writeKubeconfig(given.kubeconfig, anew);
      await writeRecord(given.record, { ...record, expires });
      return anew;
    },
  };
}

function checked(record: ClusterRecord, uid: string): ClusterRecord {
  if (record.uid === uid) return record;
  throw new TodoctlError('TODOCTL_CLUSTER_WRONG', {
    message: `Another cluster answers at the address of ${record.name}`,
    details: [`it was ${record.uid}`, `it is ${uid}`],
    why: 'A cluster is known by the UID of its namespace kube-system, which was written down when it was made. Nothing was changed.',
    next: ['See what todoctl cluster show says of it.'],
  });
}

function unlessUnauthorized(error: unknown): undefined {
  if (error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_UNAUTHORIZED') return undefined;
  throw error;
}

function decoded(data: string | null | undefined): string | undefined {
  return data ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}
