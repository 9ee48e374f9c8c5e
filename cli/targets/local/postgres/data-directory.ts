import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { RunAs } from './unprivileged.ts';

/** The superuser of an embedded server. */
export const SUPERUSER = 'postgres';

export interface DataDirectory {
  dataDir: string;
  binaries: PostgresBinaries;
  runAs: RunAs;
  password: string;
  /** Megabytes of a WAL file; small ones make a small directory. */
  walSegmentMb?: number;
  /** False leaves flushing to the server: right only for data that may be lost. */
  sync?: boolean;
}

/**
 * Makes the data directory when there is none. An interrupted run leaves only `<dataDir>.new`, which the next one removes.
 * Throws TODOCTL_POSTGRES_DATA_VERSION, TODOCTL_POSTGRES_DATA_OWNER, TODOCTL_POSTGRES_INITDB.
 */
export async function prepareDataDirectory(given: DataDirectory): Promise<'made' | 'found'> {
  if (await checkDataDirectory(given)) return 'found';
  const { dataDir, runAs } = given;
  const fresh = `${dataDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(path.dirname(dataDir), `.${path.basename(dataDir)}.password`);
  await writeFile(passwordFile, `${given.password}\n`, { mode: 0o600 });
  try {
    if (runAs.way === 'other-user') await Promise.all([chown(fresh, runAs.uid, runAs.uid), chown(passwordFile, runAs.uid, runAs.uid)]);
    await initdb(given, fresh, passwordFile);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rm(dataDir, { recursive: true, force: true });
  await rename(fresh, dataDir);
  return 'made';
}

/** True when a usable data directory lies there, false when there is none yet; throws when what lies there is not ours to use. */
export async function checkDataDirectory({ dataDir, binaries, runAs }: Pick<DataDirectory, 'dataDir' | 'binaries' | 'runAs'>): Promise<boolean> {
  const versionFile = path.join(dataDir, 'PG_VERSION');
  const found = await readFile(versionFile, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'EACCES' ? 'closed' : undefined));
  if (found === undefined) {
    const entries = await readdir(dataDir).catch(() => []);
    if (entries.length > 0) throw new TodoctlError('TODOCTL_POSTGRES_DATA_VERSION', { message: `${dataDir} is not empty and not a PostgreSQL data directory` });
    return false;
  }
  const owner = (await stat(dataDir)).uid;
  if (found === 'closed' || owner !== runAs.uid) {
    throw new TodoctlError('TODOCTL_POSTGRES_DATA_OWNER', { message: `${dataDir} belongs to user ${owner}, PostgreSQL would run as user ${runAs.uid}` });
  }
  const major = Number.parseInt(found, 10);
  if (major !== binaries.major) {
    throw new TodoctlError('TODOCTL_POSTGRES_DATA_VERSION', {
      message: `${dataDir} was made by PostgreSQL ${found.trim() || 'unknown'}, this is PostgreSQL ${binaries.major}`,
    });
  }
  return true;
}

async function initdb({ binaries, runAs, walSegmentMb, sync }: DataDirectory, dataDir: string, passwordFile: string): Promise<void> {
  const { command, args } = runAs.wrap({
    command: binaries.initdb,
    args: [
      `--pgdata=${dataDir}`,
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      // Sorting must not depend on the machine's locales.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(walSegmentMb ? [`--wal-segsize=${walSegmentMb}`] : []),
      ...(sync === false ? ['--no-sync'] : []),
    ],
  });
  try {
    await promisify(execFile)(command, args);
  } catch (error) {
    const said = ((error as { stderr?: string }).stderr ?? '').trim().split('\n').slice(-5);
    throw new TodoctlError('TODOCTL_POSTGRES_INITDB', { details: said, cause: error });
  }
}
