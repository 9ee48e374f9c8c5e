import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from './postgres.ts';

let server: TestPostgres;
beforeAll(async () => { server = await startTestPostgres(); });
afterAll(() => server.stop());

test('a test file has a PostgreSQL of its own, with databases by name', async () => {
  const url = await server.createDatabase('one-test');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; xid: string }>(`select current_database() as name, pg_current_xact_id()::text as xid`);
  expect(rows[0]?.name).toBe('one-test');
  await client.end();
});

test('two servers live side by side and know nothing of each other', async () => {
  const other = await startTestPostgres();
  expect(other.port).not.toBe(server.port);
  await other.createDatabase('one-test');
  await other.stop();
  await expect(new pg.Client({ connectionString: other.url('postgres') }).connect()).rejects.toThrow('ECONNREFUSED');
});
