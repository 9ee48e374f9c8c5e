// A real PostgreSQL for a test file: an own server on a free port, from a data directory copied from a cached template.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../cli/targets/local/postgres/binaries.ts';
import { prepareDataDirectory, SUPERUSER } from '../../cli/targets/local/postgres/data-directory.ts';
import { serverCommand } from '../../cli/targets/local/postgres/server.ts';
import { chooseRunAs } from '../../cli/targets/local/postgres/unprivileged.ts';
import { freePort } from './free-ports.ts';

// Known to all and worth nothing: it guards data that lives for one test on loopback.
const PASSWORD = 'only-for-tests';
const CACHE = path.resolve(import.meta.dirname, '../../.cache');
const START_WITHIN_MS = 30_000;

export interface TestPostgres {
  readonly port: number;
  /** Of a database of this server, as its superuser. */
  url(database: string): string;
  /** Makes an empty database and says its URL. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server at once and removes its data. */
  stop(): Promise<void>;
}

/** How others than the superuser reach a server: by TLS alone, from wherever. */
export interface Elsewhere {
  /** An address of this machine. */
  host: string;
  /** PEM, both. */
  cert: string;
  key: string;
}

/** Starts a server (0.3 s once the template is cached). Nothing in it survives `stop`. */
export async function startTestPostgres(elsewhere?: Elsewhere): Promise<TestPostgres> {
  const binaries = findPostgres();
  const runAs = chooseRunAs(process.getuid?.() ?? 1);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'todoctl-postgres-'));
  // Whoever the server runs as must be able to pass through.
  await chmod(folder, 0o711);
  const dataDir = path.join(folder, 'data');
  await cp(await template(), dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await chmod(dataDir, 0o700);
  const further = elsewhere ? await letIn(elsewhere, dataDir) : {};
  if (runAs.way === 'other-user') execFileSync('chown', ['-R', `${runAs.uid}:${runAs.uid}`, dataDir]);

  const port = await freePort();
  const { command, args } = serverCommand({ binaries, runAs, dataDir, port, settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', ...further } });
  const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  server.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const endWithTest = (): void => void server.kill('SIGQUIT');
  process.once('exit', endWithTest);

  const url = (database: string): string => `postgres://${SUPERUSER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  await waitUntilReady(url('postgres'), server, said);
  return {
    port,
    url,
    async createDatabase(name) {
      await query(url('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      return url(name);
    },
    async stop() {
      process.off('exit', endWithTest);
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGQUIT');
        await ended;
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes who may come into a data directory; answers the settings that make it so. */
async function letIn({ host, cert, key }: Elsewhere, dataDir: string): Promise<Record<string, string>> {
  await writeFile(path.join(dataDir, 'server.crt'), cert);
  await writeFile(path.join(dataDir, 'server.key'), key, { mode: 0o600 });
  await writeFile(path.join(dataDir, 'pg_hba.conf'), `host all ${SUPERUSER} 127.0.0.1/32 scram-sha-256\nhostssl all all all scram-sha-256\n`);
  return { listen_addresses: `127.0.0.1,${host}`, ssl: 'on' };
}

/** An initialised data directory under .cache, made once per version; many test files may ask at the same time. */
async function template(): Promise<string> {
  const binaries = findPostgres();
  const runAs = chooseRunAs(process.getuid?.() ?? 1);
  const made = path.join(CACHE, `postgres-${binaries.version}-${runAs.way}`);
  if (await exists(path.join(made, 'PG_VERSION'))) return made;
  await mkdir(CACHE, { recursive: true });
  const mine = path.join(CACHE, `postgres-${process.pid}-${randomBytes(4).toString('hex')}`);
  await prepareDataDirectory({ dataDir: mine, binaries, runAs, password: PASSWORD, walSegmentMb: 1, sync: false });
  try {
    await rename(mine, made);
  } catch (error) {
    // Another test file was faster; its template is as good.
    await rm(mine, { recursive: true, force: true });
    if (!(await exists(path.join(made, 'PG_VERSION')))) throw error;
  }
  return made;
}

async function waitUntilReady(url: string, server: ChildProcess, said: readonly string[]): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${said.join('')}`);
    try {
      return await query(url, 'SELECT 1');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(() => true, () => false);
}
