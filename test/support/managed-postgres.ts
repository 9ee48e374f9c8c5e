// A real PostgreSQL where DigitalOcean's managed one would be: TLS only, all of it doadmin's, who is no superuser.
import pg from 'pg';
import type { DatabaseBehind, DatabaseRow } from '../simulators/digitalocean/databases/row.ts';
import { selfSigned } from './certificate.ts';
import { startTestPostgres } from './postgres.ts';

export interface ManagedPostgres {
  /** For the simulated account. */
  behind: DatabaseBehind;
  /** PEM of who signed its certificate. */
  ca: string;
  /** Asks one of its databases as its superuser, whom a managed one has for itself. */
  ask: (database: string, sql: string) => Promise<Record<string, unknown>[]>;
  stop: () => Promise<void>;
}

/** Starts one that listens on an address of this machine too. Users and databases are made as the account is asked for them. */
export async function startManagedPostgres(host: string): Promise<ManagedPostgres> {
  const { cert, key } = selfSigned(host);
  const server = await startTestPostgres({ host, cert, key });
  const ask: ManagedPostgres['ask'] = async (database, sql) => {
    const client = new pg.Client({ connectionString: server.url(database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const names = async (sql: string): Promise<unknown[]> => (await ask('postgres', sql)).map(({ name }) => name);
  const follow = async ({ users, dbs }: DatabaseRow): Promise<void> => {
    const [roles, databases] = [await names('SELECT rolname AS name FROM pg_roles'), await names('SELECT datname AS name FROM pg_database')];
    for (const { name, password, role } of users.filter((one) => !roles.includes(one.name))) {
      await ask('postgres', `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN ${role === 'primary' ? 'CREATEDB CREATEROLE' : ''} PASSWORD ${pg.escapeLiteral(password)}`);
    }
    for (const name of dbs.filter((one) => !databases.includes(one))) await ask('postgres', `CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER doadmin`);
  };
  return { behind: { host, port: server.port, follow }, ca: cert, ask, stop: () => server.stop() };
}
