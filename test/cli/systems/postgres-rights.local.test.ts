// What the job postgres-rights does, done to a real PostgreSQL that is set up as DigitalOcean does: all belongs to its administrator.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DATABASE } from '../../../cli/systems/database.ts';
import { postgres } from '../../../cli/systems/postgres.ts';
import { platformIn } from '../../support/rendered.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

async function ask(user: string, statements: readonly string[], database: string = DATABASE.name): Promise<void> {
  const url = new URL(server.url(database));
  if (user !== '') [url.username, url.password] = [user, 'secret'];
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function statementsOf(): Promise<string[]> {
  const platform = await platformIn('prod', 'platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: existing, context: c, postgres: { provider: digitalocean } } }\n');
  const { command } = postgres.parts(platform, {})?.artefacts?.[0]?.view as { command: string[] };
  return command.flatMap((argument) => (argument.startsWith('--command=') ? argument.slice('--command='.length) : []));
}

test('a user who may make nothing makes schemas and sidecars\' tables afterwards; granted twice is granted once', async () => {
  await ask('', ["CREATE ROLE doadmin LOGIN PASSWORD 'secret' CREATEDB", `CREATE ROLE ${DATABASE.owner} LOGIN PASSWORD 'secret'`], 'postgres');
  await ask('doadmin', [`CREATE DATABASE ${DATABASE.name}`], 'postgres');
  await expect(ask(DATABASE.owner, ['CREATE SCHEMA audit'])).rejects.toThrow('permission denied for database todoapp');
  await expect(ask(DATABASE.owner, ['CREATE TABLE state (key text)'])).rejects.toThrow('permission denied for schema public');
  await ask('doadmin', await statementsOf());
  await ask('doadmin', await statementsOf());
  await ask(DATABASE.owner, ['CREATE SCHEMA audit', 'CREATE TABLE audit.log (id int)', 'CREATE TABLE state (key text)']);
});
