import pg from 'pg';
import { expect, test } from 'vitest';
import { ask } from '../simulators/digitalocean/ask.ts';
import { startDigitalOcean } from '../simulators/digitalocean/start.ts';
import { startManagedPostgres } from './managed-postgres.ts';

/** Another address of loopback. */
const HOST = '127.0.0.2';

test('who is made at the account may sign in with TLS, has no rights of its own, and is given them by doadmin', async () => {
  const real = await startManagedPostgres(HOST);
  try {
    await using api = await startDigitalOcean({ instant: true, databaseBehind: real.behind, databaseCa: real.ca });
    const { body: { database } } = await ask<{ database: { id: string } }>(api, 'POST', '/databases', { name: 'todo-prod-postgres', engine: 'pg', num_nodes: 1, size: 'db-s-1vcpu-1gb', region: 'nyc3' });
    const path = `/databases/${database.id}`;
    const { body: { user } } = await ask<{ user: { password: string } }>(api, 'POST', `${path}/users`, { name: 'todo_user' });
    await ask(api, 'POST', `${path}/dbs`, { name: 'todoapp' });
    const { body: { database: { private_connection: admin } } } = await ask<{ database: { private_connection: { host: string; port: number; password: string } } }>(api, 'GET', path);
    expect([admin.host, admin.port]).toEqual([HOST, real.behind.port]);
    const { body: { ca } } = await ask<{ ca: { certificate: string } }>(api, 'GET', `${path}/ca`);

    const at = { host: HOST, port: admin.port, database: 'todoapp', ssl: { ca: Buffer.from(ca.certificate, 'base64').toString() } };
    const asked = async (given: pg.ClientConfig, sql: string): Promise<unknown> => {
      const client = new pg.Client(given);
      try {
        await client.connect();
        return (await client.query(sql)).rows;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await client.end();
      }
    };
    const theirs = { ...at, user: 'todo_user', password: user.password };
    expect(await asked(theirs, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([{ ssl: true }]);
    expect(await asked({ ...theirs, ssl: false }, 'SELECT 1')).toContain('no encryption');
    expect(await asked(theirs, 'CREATE SCHEMA task_api')).toContain('permission denied');
    expect(await asked({ ...at, user: 'doadmin', password: admin.password }, 'GRANT CREATE ON DATABASE todoapp TO todo_user')).toEqual([]);
    expect(await asked(theirs, 'CREATE SCHEMA task_api')).toEqual([]);
    expect(await real.ask('todoapp', "SELECT nspname AS name FROM pg_namespace WHERE nspname = 'task_api'")).toEqual([{ name: 'task_api' }]);
  } finally {
    await real.stop();
  }
});
