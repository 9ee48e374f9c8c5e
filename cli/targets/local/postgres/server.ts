import { readFile, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import type { CommandLine, RunAs } from './unprivileged.ts';

export interface ServerGiven {
  binaries: PostgresBinaries;
  runAs: RunAs;
  dataDir: string;
  port: number;
  /** Further settings, over the house's. */
  settings?: Readonly<Record<string, string>>;
}

// Small enough for a laptop beside an editor and a browser; nothing that a crash could lose (fsync stays on).
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  io_method: 'sync',
  max_worker_processes: '4',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  fsync: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m ',
  log_checkpoints: 'off',
};

/** The command line of the server process. SIGINT ends it fast and clean, SIGQUIT at once (as a crash would). */
export function serverCommand({ binaries, runAs, dataDir, port, settings }: ServerGiven): CommandLine {
  const all = { ...SETTINGS, port: String(port), ...settings };
  return runAs.wrap({
    command: binaries.postgres,
    args: ['-D', dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
  });
}

/**
 * Removes `postmaster.pid` when its pid is no PostgreSQL any more. After a reboot the pid may belong to any process,
 * and the server would refuse to start for as long as that one lives.
 */
export async function removeStalePid(dataDir: string): Promise<boolean> {
  const file = path.join(dataDir, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return false;
  if (await mayBePostgres(pid)) return false;
  await rm(file, { force: true });
  return true;
}

async function mayBePostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Where there is no /proc (macOS) what lives is taken for PostgreSQL.
  const program = await readlink(`/proc/${pid}/exe`).catch(() => 'postgres');
  return path.basename(program).startsWith('postgres');
}
