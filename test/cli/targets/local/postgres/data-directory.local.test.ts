// initdb and servers of this machine, in every way that this user can run them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { findPostgres } from '../../../../../cli/targets/local/postgres/binaries.ts';
import { checkDataDirectory, prepareDataDirectory } from '../../../../../cli/targets/local/postgres/data-directory.ts';
import { DATABASE, databaseUrl, lookAtDatabase, makeDatabase, makeSchemas, schemaOf, serviceUrl } from '../../../../../cli/targets/local/postgres/database.ts';
import { removeStalePid, serverCommand } from '../../../../../cli/targets/local/postgres/server.ts';
import { chooseRunAs, type RunAs } from '../../../../../cli/targets/local/postgres/unprivileged.ts';
import { identify } from '../../../../../cli/io/process-identity.ts';
import { temporaryFolder } from '../platforms.ts';
import { freePort } from '../../../../support/free-ports.ts';

const binaries = findPostgres();
const uid = process.getuid?.() ?? 1;
const runAs = chooseRunAs(uid);
const PASSWORD = 'p@ss/word: "quoted" \'too\'';

/** What a plain container leaves root: no user namespaces. */
const asNobody = (): RunAs => chooseRunAs(0, ({ command }) => command.endsWith('setpriv'));

async function serve<T>(how: RunAs, dataDir: string, use: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const { command, args } = serverCommand({ binaries, runAs: how, dataDir, port });
  const server = spawn(command, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(server, 'exit');
  try {
    while (!said.includes('ready to accept connections')) await Promise.race([once(server.stderr, 'data'), ended.then(() => { throw new Error(said); })]);
    return await use(port);
  } finally {
    server.kill('SIGINT');
    await ended;
  }
}

const ways: [string, () => RunAs][] = [[`this user (${runAs.way})`, () => runAs], ...(uid === 0 ? [['root without user namespaces', asNobody] as [string, () => RunAs]] : [])];
describe.each(ways)('as %s', (_, how) => {
  test('a directory is made, served on loopback only, and found the next time', async () => {
    const folder = temporaryFolder();
    // As under /root: nobody else may pass.
    await chmod(folder, 0o700);
    const dataDir = path.join(folder, 'data/postgres');
    const given = { dataDir, binaries, runAs: how(), password: PASSWORD };
    expect(await prepareDataDirectory(given)).toBe('made');
    expect((await stat(dataDir)).uid).toBe(how().uid);
    expect(await readdir(path.dirname(dataDir))).toEqual(['postgres']);
    expect(await prepareDataDirectory(given)).toBe('found');

    await serve(how(), dataDir, async (port) => {
      const client = new pg.Client({ connectionString: databaseUrl(port, 'postgres', PASSWORD, 'postgres') });
      await client.connect();
      const settings = await client.query<{ name: string; setting: string }>("select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'fsync', 'password_encryption', 'data_checksums', 'TimeZone') order by name");
      expect(settings.rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual(['TimeZone=UTC', 'data_checksums=on', 'fsync=on', 'listen_addresses=127.0.0.1', 'password_encryption=scram-sha-256', 'unix_socket_directories=']);
      await client.end();
      await expect(new pg.Client({ connectionString: databaseUrl(port, 'postgres', 'wrong', 'postgres') }).connect()).rejects.toMatchObject({ code: '28P01' });
    });
  });
});

describe('a directory that is not ours to use', () => {
  const check = (dataDir: string): Promise<boolean> => checkDataDirectory({ dataDir, binaries, runAs });

  test('none, or an empty one: it can be made', async () => {
    const folder = temporaryFolder();
    expect(await check(path.join(folder, 'none'))).toBe(false);
    expect(await check(folder)).toBe(false);
  });

  test('of another major version', async () => {
    const folder = temporaryFolder();
    await writeFile(path.join(folder, 'PG_VERSION'), '15\n');
    await expect(check(folder)).rejects.toMatchObject({ code: 'TODOCTL_POSTGRES_DATA_VERSION', message: `${folder} was made by PostgreSQL 15, this is PostgreSQL ${binaries.major}` });
    expect(await readFile(path.join(folder, 'PG_VERSION'), 'utf8')).toBe('15\n');
  });

  test('with something else in it', async () => {
    const folder = temporaryFolder();
    await writeFile(path.join(folder, 'diary.txt'), 'mine');
    await expect(check(folder)).rejects.toMatchObject({ code: 'TODOCTL_POSTGRES_DATA_VERSION' });
    expect(await readFile(path.join(folder, 'diary.txt'), 'utf8')).toBe('mine');
  });

  test.runIf(uid === 0)('of another user', async () => {
    const folder = temporaryFolder();
    await writeFile(path.join(folder, 'PG_VERSION'), `${binaries.major}\n`);
    await chown(folder, 12_345, 12_345);
    await expect(check(folder)).rejects.toMatchObject({ code: 'TODOCTL_POSTGRES_DATA_OWNER', message: `${folder} belongs to user 12345, PostgreSQL would run as user ${runAs.uid}` });
  });

  test('what an interrupted initdb left is made anew; a broken initdb tells its last words', async () => {
    const folder = temporaryFolder();
    const dataDir = path.join(folder, 'postgres');
    await mkdir(`${dataDir}.new/half`, { recursive: true });
    const broken = { ...binaries, initdb: '/bin/false' };
    await expect(prepareDataDirectory({ dataDir, binaries: broken, runAs, password: PASSWORD })).rejects.toMatchObject({ code: 'TODOCTL_POSTGRES_INITDB' });
    // Neither a password nor a data directory is left by a failure.
    expect((await readdir(folder)).filter((name) => !name.endsWith('.new'))).toEqual([]);
    expect(await prepareDataDirectory({ dataDir, binaries, runAs, password: PASSWORD, walSegmentMb: 1, sync: false })).toBe('made');
  });
});

describe('database, user and schemas', () => {
  const schemas = ['task-api', 'audit'].map(schemaOf);

  test('are made once, for a user who can do no more than it must', async () => {
    const dataDir = path.join(temporaryFolder(), 'postgres');
    await prepareDataDirectory({ dataDir, binaries, runAs, password: PASSWORD, walSegmentMb: 1, sync: false });
    await serve(runAs, dataDir, async (port) => {
      const admin = (database: string): string => databaseUrl(port, 'postgres', PASSWORD, database);
      const url = serviceUrl(port, 'first');
      expect(await lookAtDatabase(url, schemas)).toEqual({ is: 'incomplete', missing: [DATABASE, 'task_api', 'audit'] });
      await makeDatabase(admin, 'first');
      expect(await lookAtDatabase(url, schemas)).toEqual({ is: 'incomplete', missing: ['task_api', 'audit'] });
      await makeSchemas(url, schemas);
      expect(await lookAtDatabase(url, schemas)).toEqual({ is: 'complete' });

      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('create table task_api.t (id int); insert into task_api.t values (1)');
      const { rows } = await client.query('select rolsuper, rolcreatedb, rolcreaterole, rolreplication from pg_roles where rolname = current_user');
      expect(rows).toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false }]);
      await client.end();

      // Again, with another password: nothing is lost, the new password counts.
      await makeDatabase(admin, "o'ther");
      await makeSchemas(serviceUrl(port, "o'ther"), schemas);
      expect(await lookAtDatabase(serviceUrl(port, "o'ther"), schemas)).toEqual({ is: 'complete' });
      expect(await lookAtDatabase(url, schemas)).toMatchObject({ is: 'incomplete' });
    });
  });

  test('are made once by several at a time: a deploy that was killed leaves its statement running', async () => {
    const dataDir = path.join(temporaryFolder(), 'postgres');
    await prepareDataDirectory({ dataDir, binaries, runAs, password: PASSWORD, walSegmentMb: 1, sync: false });
    await serve(runAs, dataDir, async (port) => {
      const admin = (database: string): string => databaseUrl(port, 'postgres', PASSWORD, database);
      await Promise.all(Array.from({ length: 6 }, () => makeDatabase(admin, 'same')));
      await Promise.all(Array.from({ length: 6 }, () => makeSchemas(serviceUrl(port, 'same'), schemas)));
      expect(await lookAtDatabase(serviceUrl(port, 'same'), schemas)).toEqual({ is: 'complete' });
    });
  });

  test('a server that is not up yet is waited for; one that is no PostgreSQL is an error', async () => {
    expect(await lookAtDatabase(serviceUrl(await freePort(), 'x'), [])).toMatchObject({ is: 'starting' });
    await expect(lookAtDatabase('postgres://u:p@no-such-host.invalid:5432/db', [])).rejects.toMatchObject({ code: 'TODOCTL_DATABASE_UNREACHABLE' });
  });
});

describe('a postmaster.pid of an earlier life', () => {
  const leave = async (pid: number): Promise<string> => {
    const folder = temporaryFolder();
    await writeFile(path.join(folder, 'postmaster.pid'), `${pid}\n/data\n`);
    return folder;
  };

  test('is removed when its pid is another program by now, or nobody', async () => {
    for (const pid of [process.pid, deadPid()]) {
      const folder = await leave(pid);
      expect(await removeStalePid(folder)).toBe(true);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('is left when a PostgreSQL has that pid, or when there is none', async () => {
    const dataDir = path.join(temporaryFolder(), 'postgres');
    await prepareDataDirectory({ dataDir, binaries, runAs, password: PASSWORD, walSegmentMb: 1, sync: false });
    await serve(runAs, dataDir, async () => { expect(await removeStalePid(dataDir)).toBe(false); });
    expect(await removeStalePid(dataDir)).toBe(false);
  });
});

function deadPid(): number {
  let pid = 4_000_000;
  while (identify(pid)) pid--;
  return pid;
}
