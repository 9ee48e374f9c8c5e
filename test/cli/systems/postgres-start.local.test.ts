// What the pod of a database in the cluster does when it starts, done here by the same PostgreSQL: made once, never half, and its password
// is what the Secret says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openTemplates } from '../../../cli/render/templates.ts';
import { postgres } from '../../../cli/systems/postgres.ts';
import { findPostgres } from '../../../cli/targets/local/postgres/binaries.ts';
import { chooseRunAs } from '../../../cli/targets/local/postgres/unprivileged.ts';
import { freePort } from '../../support/free-ports.ts';
import { platformIn } from '../../support/rendered.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

interface Container {
  command: [string, string, string];
  env: { name: string; value: string }[];
}
interface Place {
  folder: string;
  port: number;
}

const started: [Place, ChildProcess][] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(([place, child]) => end(place, child, 'SIGKILL')));
});

async function containerOf(): Promise<Container> {
  const platform = await platformIn('prod', 'platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: existing, context: c, postgres: { connections: 37 } } }\n');
  const { template, view } = postgres.parts(platform, {})?.artefacts?.at(-1) ?? {};
  const { spec } = parse(openTemplates().fill(template ?? '', { namespace: 'todo', labels: {}, ...view })) as { spec: { template: { spec: { containers: [Container] } } } };
  return spec.template.spec.containers[0];
}

async function place(): Promise<Place> {
  const runAs = chooseRunAs(process.getuid?.() ?? 0);
  const folder = await temporaryFolder();
  const data = path.join(folder, 'data');
  await mkdir(data);
  await chmod(folder, 0o755);
  if (runAs.way === 'other-user') await chown(data, runAs.uid, runAs.uid);
  return { folder, port: await freePort() };
}

/** Starts what the pod would, with the paths of this machine. */
async function start(here: Place, password: string): Promise<ChildProcess & { said: string[] }> {
  const { folder, port } = here;
  const { command: [shell, flags, script], env } = await containerOf();
  const file = path.join(folder, 'password');
  await writeFile(file, password, { mode: 0o644 });
  const { initdb } = findPostgres();
  const { command, args } = chooseRunAs(process.getuid?.() ?? 0).wrap({ command: shell, args: [flags, script] });
  const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const child = spawn(command, args, {
    detached: true,
    cwd: '/',
    env: { ...own, PATH: `${path.dirname(initdb)}:/usr/bin:/bin`, PGDATA: path.join(folder, 'data/18'), PASSWORD_FILE: file, PGPORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stdout.on('data', (text: Buffer) => said.push(String(text)));
  child.stderr.on('data', (text: Buffer) => said.push(String(text)));
  started.push([here, child]);
  return Object.assign(child, { said });
}

async function ask(port: number, user: string, password: string, query: string): Promise<unknown> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'todoapp' });
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(query)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const answers = (port: number, password: string): Promise<boolean> => ask(port, 'todo_user', password, 'SELECT 1').then(() => true, () => false);

/** Processes of a server leave its group; the end of a container takes them all. */
async function end({ folder }: Place, child: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  const exit = child.exitCode ?? child.signalCode ?? once(child, 'exit');
  if (exit instanceof Promise) process.kill(-(child.pid ?? 0), signal);
  await exit;
  await until('all of its processes are gone', async () => {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const places = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
    return !places.some((cwd) => cwd.startsWith(folder));
  });
}

test('the services’ user owns the database, is no superuser, and nobody else comes in', { timeout: 60_000 }, async () => {
  const here = await place();
  const server = await start(here, 'it’s a "pass\'word');
  await until('the database answers', () => answers(here.port, 'it’s a "pass\'word'));
  const one = (query: string): Promise<unknown> => ask(here.port, 'todo_user', 'it’s a "pass\'word', query);
  expect(await one("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'todoapp'")).toBe('todo_user');
  expect(await one("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'todo_user'")).toBe(false);
  expect(await one('SHOW max_connections')).toBe('37');
  expect(await one("SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules WHERE type LIKE 'host%'").catch(() => 'denied')).toBe('denied');
  await expect(ask(here.port, 'postgres', '', 'SELECT 1')).rejects.toThrow(/password/);
  await expect(ask(here.port, 'todo_user', 'other', 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  await end(here, server, 'SIGINT');
  expect(server.said.join('')).not.toContain("pass'word");
});

test('a password that was made anew holds after the next start, and what was written is there', { timeout: 60_000 }, async () => {
  const here = await place();
  const first = await start(here, 'first');
  await until('the database answers', () => answers(here.port, 'first'));
  await ask(here.port, 'todo_user', 'first', 'CREATE TABLE kept AS SELECT 42 AS value');
  // As a node that dies: no shutdown, and a log to replay.
  await end(here, first, 'SIGKILL');
  await start(here, 'second');
  await until('the database answers', () => answers(here.port, 'second'));
  expect(await answers(here.port, 'first')).toBe(false);
  expect(await ask(here.port, 'todo_user', 'second', 'SELECT value FROM kept')).toBe(42);
});

test('a first start that is killed leaves nothing that the next one takes for the database', { timeout: 60_000 }, async () => {
  const here = await place();
  const data = path.join(here.folder, 'data');
  const killed = await start(here, 'secret');
  await until('initdb has begun', async () => (await readdir(data)).includes('18.new'));
  await end(here, killed, 'SIGKILL');
  expect(await readdir(data)).toEqual(['18.new']);
  await start(here, 'secret');
  await until('the database answers', () => answers(here.port, 'secret'));
  expect(await readdir(data)).toEqual(['18']);
});
