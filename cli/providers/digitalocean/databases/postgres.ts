import type { Change, Step } from '../../../engine/step.ts';
import type { Redactor } from '../../../io/redactor.ts';
import type { Cluster, Database } from '../../provider.ts';
import type { DigitalOcean } from '../client.ts';
import type { ApiConnection, ApiConnectionPool, ApiDatabase, ApiRule, ApiUser } from './api.ts';
import { passwordOf, rulesWith } from './server.ts';

/** What the services find in a managed PostgreSQL; the names are those of a database in the cluster. */
export interface WantedPostgres {
  database: string;
  user: string;
  /** Connections that services share by the pooler; undefined without one. */
  pooled?: number;
}

export const POOL = 'app';
const QUICK_MS = 5 * 60_000;

interface Seen {
  user?: ApiUser;
  database: boolean;
  pool?: ApiConnectionPool;
  /** What the firewall is to become; undefined where it is right. */
  rules?: readonly ApiRule[];
}

/** User, database, pooler and firewall of a managed PostgreSQL, each made only where it is missing. Nobody but the cluster may connect. */
export function postgresStep({ api, redactor }: { api: DigitalOcean; redactor: Redactor }, wanted: WantedPostgres, server: Step<ApiDatabase>, cluster: Step<Cluster>): Step<Database> {
  const { database, user: owner, pooled } = wanted;
  const look = async (id: string, clusterId: string): Promise<Seen> => {
    const [users, databases, pools, rules] = await Promise.all([
      usersOf(api, id),
      api.list<{ name: string }>(`/v2/databases/${id}/dbs`, 'dbs'),
      pooled === undefined ? [] : poolsOf(api, id),
      rulesWith(api, id, clusterId),
    ]);
    const [user, pool] = [users.find(({ name }) => name === owner), pools.find(({ name }) => name === POOL)];
    if (user?.password) redactor.register(user.password);
    return { database: databases.some(({ name }) => name === database), ...(user ? { user } : {}), ...(pool ? { pool } : {}), ...(rules ? { rules } : {}) };
  };
  return {
    id: 'postgres-access',
    title: 'Database, its user and who may connect',
    needs: [server, cluster],
    timeout: QUICK_MS,
    makes: [`database ${database} with the user ${owner}`],
    async check(run) {
      const there = run.of(server);
      const seen = await look(there.id, run.of(cluster).id ?? '');
      if (!seen.user || !seen.database || (pooled !== undefined && !seen.pool)) return { is: 'absent' };
      const value = addressesOf(wanted, there, seen.user, seen.pool, redactor);
      const changes = changesOf(wanted, seen);
      return changes.length === 0 ? { is: 'done', value } : { is: 'drifted', value, changes };
    },
    async apply(run) {
      const { id } = run.of(server);
      const path = `/v2/databases/${id}`;
      const seen = await look(id, run.of(cluster).id ?? '');
      if (!seen.user) await api.make(`${path}/users`, { name: owner }, async () => (await usersOf(api, id)).find(({ name }) => name === owner));
      if (!seen.database) await api.make(`${path}/dbs`, { name: database }, async () => (await api.list<{ name: string }>(`${path}/dbs`, 'dbs')).find(({ name }) => name === database));
      if (pooled !== undefined) {
        const body = { mode: 'transaction', size: pooled, db: database, user: owner };
        if (!seen.pool) await api.make(`${path}/pools`, { name: POOL, ...body }, async () => (await poolsOf(api, id)).find(({ name }) => name === POOL));
        else if (seen.pool.size !== pooled) await api.put(`${path}/pools/${POOL}`, body);
      }
      if (seen.rules) await api.put(`${path}/firewall`, { rules: seen.rules });
    },
  };
}

/** The newest version that is at least 16 and no newer than what the platform is tried with. */
export function postgresVersion(offered: readonly string[]): string | undefined {
  const known = offered.filter((one) => Number(one) >= 16 && Number(one) <= 18);
  return known.toSorted((a, b) => Number(b) - Number(a))[0];
}

function usersOf(api: DigitalOcean, id: string): Promise<ApiUser[]> {
  return api.list<ApiUser>(`/v2/databases/${id}/users`, 'users');
}

function poolsOf(api: DigitalOcean, id: string): Promise<ApiConnectionPool[]> {
  return api.list<ApiConnectionPool>(`/v2/databases/${id}/pools`, 'pools');
}

function changesOf({ pooled }: WantedPostgres, { pool, rules }: Seen): Change[] {
  return [
    ...(pool && pool.size !== pooled ? [{ what: `pooler ${POOL}`, from: `${pool.size} connections`, to: `${pooled ?? 0} connections` }] : []),
    ...(rules ? [{ what: 'firewall of the database', to: 'the cluster may connect' }] : []),
  ];
}

function addressesOf({ database }: WantedPostgres, server: ApiDatabase, user: ApiUser, pool: ApiConnectionPool | undefined, redactor: Redactor): Database {
  const uri = (at: ApiConnection | undefined, to: string, who: Pick<ApiUser, 'name' | 'password'>): string => {
    const { host = '', port = 0 } = at ?? {};
    const password = passwordOf(who);
    for (const secret of [password, encodeURIComponent(password)]) redactor.register(secret);
    return `postgresql://${encodeURIComponent(who.name)}:${encodeURIComponent(password)}@${host}:${port}/${to}?sslmode=require`;
  };
  const { user: name = 'doadmin', password } = server.private_connection ?? {};
  const directUri = uri(server.private_connection, database, user);
  // A pooler's database has the name of the pooler.
  return {
    uri: pool ? uri(pool.private_connection, pool.name, user) : directUri,
    directUri,
    adminUri: uri(server.private_connection, database, { name, ...(password === undefined ? {} : { password }) }),
  };
}
