// A real PgBouncer in transaction mode before a test's PostgreSQL.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { chooseRunAs } from '../../cli/targets/local/postgres/unprivileged.ts';
import { freePort } from './free-ports.ts';

const START_WITHIN_MS = 10_000;
// Debian puts it where only root's PATH looks.
const PLACES = ['pgbouncer', '/usr/sbin/pgbouncer'];

export interface TestPooler {
  /** Of the one database behind it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The PgBouncer of this machine. It is installed by apt only as root in CI: a test run changes no developer's machine. */
export function findPgBouncer(install = process.env['CI'] === 'true'): { pgbouncer: string } | { skipped: string } {
  const found = onThisMachine();
  if (found !== undefined) return { pgbouncer: found };
  if (install && process.getuid?.() === 0) {
    try {
      execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
      execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'pgbouncer'], { stdio: 'ignore' });
    } catch {
      return { skipped: 'apt-get install pgbouncer failed' };
    }
    const installed = onThisMachine();
    if (installed !== undefined) return { pgbouncer: installed };
  }
  return { skipped: 'no pgbouncer found (Debian: apt-get install pgbouncer)' };
}

function onThisMachine(): string | undefined {
  return PLACES.find((place) => spawnSync(place, ['--version'], { stdio: 'ignore' }).status === 0);
}

/**
 * Starts a pooler that keeps `size` connections to the database of `url`. Everything but its size is PgBouncer's own default, so what
 * clients must not ask of a transaction pooler, this one refuses.
 */
export async function startPooler(pgbouncer: string, url: string, size: number): Promise<TestPooler> {
  const { hostname, port: upstream, username, password, pathname } = new URL(url);
  const name = pathname.slice(1);
  const port = await freePort();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'todoctl-pgbouncer-'));
  const file = path.join(folder, 'pgbouncer.ini');
  const config = `[databases]
${name} = host=${hostname} port=${upstream} dbname=${name} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 500
`;
  await writeFile(file, config);
  // It refuses to be root, and whoever it is must be able to read this.
  await chmod(folder, 0o755);
  const { command, args } = chooseRunAs(process.getuid?.() ?? 1).wrap({ command: pgbouncer, args: ['--quiet', file] });
  const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  server.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const endWithTest = (): void => void server.kill('SIGKILL');
  process.once('exit', endWithTest);

  const ours = `postgres://${username}@127.0.0.1:${port}/${name}`;
  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await answers(ours))) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`PgBouncer did not start:\n${said.join('')}`);
  }
  return {
    url: ours,
    async stop() {
      process.off('exit', endWithTest);
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        // At once, whoever is still connected.
        server.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return new Promise((resolve) => setTimeout(resolve, 20, false));
  } finally {
    await client.end().catch(() => undefined);
  }
}
