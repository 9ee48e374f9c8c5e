import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { identify, type Identity, isAlive } from '../io/process-identity.ts';
import type { Files } from './log/files.ts';

/** The layout of the files; a broker reads only its own. */
const DATA_VERSION = 1;

export interface DataDirectory {
  topics: string;
  offsets: string;
  /** Lets another broker have the directory. */
  release(): void;
}

/**
 * Takes a data directory, made when missing, for this process alone.
 * Throws TODOCTL_BROKER_DATA_IN_USE while another live broker has it, TODOCTL_BROKER_DATA_VERSION when its layout is another one.
 */
export function takeDataDirectory(root: string, files: Files): DataDirectory {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = path.join(root, 'lock');
  takeLock(root, lock);
  const release = (): void => rmSync(lock, { force: true });
  try {
    checkVersion(root, files);
  } catch (error) {
    release();
    throw error;
  }
  return { topics: path.join(root, 'topics'), offsets: path.join(root, 'offsets.log'), release };
}

function checkVersion(root: string, files: Files): void {
  const file = path.join(root, 'meta.json');
  const text = readIfThere(file);
  if (text === undefined) return files.replace(file, JSON.stringify({ version: DATA_VERSION }));
  const version = versionOf(text);
  if (version === DATA_VERSION) return;
  throw new TodoctlError('TODOCTL_BROKER_DATA_VERSION', {
    message: `The broker's data in ${root} has layout ${version ?? 'unknown'}; this todoctl reads layout ${DATA_VERSION}`,
  });
}

function versionOf(text: string): number | string | undefined {
  try {
    return (JSON.parse(text) as { version?: number | string } | null)?.version;
  } catch {
    return undefined;
  }
}

function takeLock(root: string, lock: string): void {
  const mine = JSON.stringify(identify(process.pid));
  for (;;) {
    try {
      writeFileSync(lock, mine, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = readIfThere(lock);
    if (held === undefined) continue;
    const holder = holderOf(held);
    if (holder && isAlive(holder)) throw inUse(root, holder.pid);
    removeStale(root, lock, held);
  }
}

// Two brokers may find the same stale lock: whoever moved away what is not stale any more puts it back.
function removeStale(root: string, lock: string, held: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readIfThere(aside);
  if (moved !== held) linkSync(aside, lock);
  rmSync(aside, { force: true });
  if (moved !== held) throw inUse(root, holderOf(moved ?? '')?.pid);
}

function inUse(root: string, pid: number | undefined): TodoctlError {
  return new TodoctlError('TODOCTL_BROKER_DATA_IN_USE', { message: `The broker's data in ${root} is in use by the process ${pid ?? 'of another broker'}` });
}

function holderOf(text: string): Identity | undefined {
  try {
    const { pid, start, boot } = JSON.parse(text) as Partial<Identity>;
    return pid !== undefined && start !== undefined && boot !== undefined ? { pid, start, boot } : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
