import pg from 'pg';
import { TodoctlError } from '../../../errors/todoctl-error.ts';

export const DATABASE = 'todoapp';
const DATABASE_USER = 'todo_user';

/** What was found when one looked. */
export type DatabaseState = { is: 'complete' } | { is: 'incomplete'; missing: string[] } | { is: 'starting'; reason: string };

const CONNECT_MS = 5000;
/** Any number that nobody else locks by. */
const LOCK = 7_060_321;
/** Not there yet, or not right yet: SQLSTATE for a wrong password, an unknown role, an unknown database. */
const NOT_MADE = new Set(['28P01', '28000', '3D000']);
/** SQLSTATE of a server that starts, stops or recovers. */
const NOT_YET = new Set(['57P03', '57P01', '57P02']);

/** Schema of a service: its name, with `_` for `-`. */
export function schemaOf(service: string): string {
  return service.replaceAll('-', '_');
}

/** The URL of the platform's database, for the services' own user. */
export function serviceUrl(port: number, password: string): string {
  return databaseUrl(port, DATABASE_USER, password, DATABASE);
}

export function databaseUrl(port: number, user: string, password: string, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Looks whether the services' user can use all its schemas. One connection, one question. */
export async function lookAtDatabase(url: string, schemas: readonly string[]): Promise<DatabaseState> {
  try {
    const found = await withClient(url, async (client) => {
      const { rows } = await client.query<{ nspname: string }>('select nspname from pg_namespace where nspname = any($1)', [schemas]);
      return new Set(rows.map(({ nspname }) => nspname));
    });
    const missing = schemas.filter((schema) => !found.has(schema));
    return missing.length === 0 ? { is: 'complete' } : { is: 'incomplete', missing };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code && NOT_MADE.has(code)) return { is: 'incomplete', missing: [DATABASE, ...schemas] };
    if (code === 'ECONNREFUSED' || (code && NOT_YET.has(code))) return { is: 'starting', reason: 'PostgreSQL does not take connections yet' };
    throw new TodoctlError('TODOCTL_DATABASE_UNREACHABLE', { message: `PostgreSQL cannot be reached: ${message}`, cause: error });
  }
}

/** Makes user and database as the superuser. What is there stays; the user's password is set to what is written down. */
export async function makeDatabase(adminUrl: (database: string) => string, password: string): Promise<void> {
  await withClient(adminUrl('postgres'), async (client) => {
    const user = pg.escapeIdentifier(DATABASE_USER);
    // A deploy that was killed leaves its statement running: what it makes must be seen, not made a second time.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const { rows } = await client.query<{ role: boolean; db: boolean }>(
      'select exists(select from pg_roles where rolname = $1) as role, exists(select from pg_database where datname = $2) as db',
      [DATABASE_USER, DATABASE],
    );
    // A statement that fails is logged with its text, which holds the password here.
    await client.query('set log_min_error_statement = panic');
    await client.query(`${rows[0]?.role ? 'alter' : 'create'} role ${user} login password ${pg.escapeLiteral(password)}`);
    if (!rows[0]?.db) await client.query(`create database ${pg.escapeIdentifier(DATABASE)} owner ${user}`);
  });
}

/** Makes the schemas that are missing, owned by whom the URL names. */
export async function makeSchemas(url: string, schemas: readonly string[]): Promise<void> {
  // Several statements in one query are one transaction, which holds the lock to its end.
  const statements = [`select pg_advisory_xact_lock(${LOCK});`, ...schemas.map((schema) => `create schema if not exists ${pg.escapeIdentifier(schema)};`)];
  await withClient(url, (client) => client.query(statements.join('\n')));
}

async function withClient<T>(connectionString: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS, application_name: 'todoctl' });
  // A server that goes away while nobody waits for an answer is no news.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
