import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../../io/process-identity.ts';
import type { Resource } from '../../providers/resource.ts';
import type { Paths } from './paths.ts';
import { holdersOf, holderText } from './port-holder.ts';
import { isFree, readPorts } from './ports.ts';
import { findMarked } from './supervisor/marks.ts';
import { readRecord } from './supervisor/record.ts';

/** What of an environment is found on this machine: processes, ports, folders. Goes by what is there, not by the definition. */
export async function findResources(paths: Paths): Promise<Resource[]> {
  const processes = findProcesses(paths.state);
  const [ports, folders] = await Promise.all([findPorts(paths, new Set(processes.map(({ id }) => Number(id)))), findFolders(paths)]);
  return [...processes, ...ports, ...folders];
}

/** By the supervisor's record, each pid checked against its start, and by the mark that every process of ours bears. */
export function findProcesses(state: string): Resource[] {
  const found = new Map<number, string>();
  const record = readRecord(state);
  if (record && isAlive(record.supervisor)) found.set(record.supervisor.pid, 'supervisor');
  if (record?.guard && isAlive(record.guard)) found.set(record.guard.pid, 'supervisor (guard)');
  for (const { name, runs } of record?.processes ?? []) {
    if (runs?.identity && isAlive(runs.identity)) found.set(runs.identity.pid, name);
  }
  // A server's own children bear the mark too; they go with it, and are only of interest when it is gone.
  for (const { pid, name, inner } of findMarked(state)) if (!inner && !found.has(pid)) found.set(pid, name);
  return [...found].map(([pid, name]) => ({ kind: 'process', name, id: String(pid), owner: 'environment' }));
}

async function findPorts(paths: Paths, own: ReadonlySet<number>): Promise<Resource[]> {
  const file = await readPorts(paths.ports);
  const named = Object.entries(file?.ports ?? {});
  const free = await Promise.all(named.map(([, port]) => isFree(port)));
  const held = named.filter((_, index) => !free[index]);
  const holders = holdersOf(held.map(([, port]) => port));
  return held.map(([name, port]): Resource => {
    const holder = holders.get(port);
    const ours = holder === undefined ? own.size > 0 : own.has(holder.pid);
    return { kind: 'port', name, id: String(port), owner: ours ? 'environment' : 'other', ...(holder ? { heldBy: holderText(holder) } : {}) };
  });
}

async function findFolders({ root, state }: Paths): Promise<Resource[]> {
  const entries = await readdir(state).catch(() => []);
  return entries.sort().map((name) => ({ kind: 'directory', name: path.relative(root, path.join(state, name)), id: path.join(state, name), owner: 'environment' }));
}
