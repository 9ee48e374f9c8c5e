import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { until } from '../until.ts';

/** In the environment of every process of a node, containerd's shims included: its value is the node's folder. */
export const MARK = 'TODOCTL_TEST_NODE';

const CGROUPS = '/sys/fs/cgroup';

/** What a node holds of this machine. All of it has a name of its own, so taking it away twice harms nobody. */
export interface Holdings {
  folder: string;
  netns: string;
  /** The host's end of the cable into the namespace. */
  link: string;
  /** Name of the cgroup, right below the root of each hierarchy, that its pods and containers live in. */
  cgroup: string;
}

/** Ends every process of a node by its pid and takes away its mounts, network namespace, cgroups and folder. */
export async function takeAway({ folder, netns, link, cgroup }: Holdings): Promise<void> {
  // Whoever is killed may just have started another, so this ends when nobody is left.
  await until('every process of the node is gone', () => kill([...markedWith(folder), ...inCgroup(cgroup)]) === 0);
  await until('nothing is mounted in the folder of the node', () => unmountBelow(folder) === 0);
  quietly('ip', 'link', 'del', link);
  quietly('ip', 'netns', 'del', netns);
  await until('the cgroups of the node are gone', () => cgroupFolders(cgroup).every((top) => !existsSync(top) || removed(top)));
  rmSync(folder, { recursive: true, force: true });
}

/** The node's cgroup in each hierarchy of this machine: many with version 1, one with version 2. */
export function cgroupFolders(cgroup: string): string[] {
  if (existsSync(path.join(CGROUPS, 'cgroup.controllers'))) return [path.join(CGROUPS, cgroup)];
  return readdirSync(CGROUPS).filter((name) => existsSync(path.join(CGROUPS, name, 'cgroup.procs'))).map((name) => path.join(CGROUPS, name, cgroup));
}

function markedWith(folder: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${folder}`);
    } catch {
      return false;
    }
  });
}

function inCgroup(cgroup: string): number[] {
  return cgroupFolders(cgroup).flatMap((top) => below(top)).flatMap((folder) => {
    try {
      return readFileSync(path.join(folder, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

function kill(pids: readonly number[]): number {
  for (const pid of new Set(pids)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  return pids.length;
}

// Deepest first. Nothing may be deleted below a mount: a volume of a pod can be a folder of somebody else.
function unmountBelow(folder: string): number {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '').filter((at) => at.startsWith(`${folder}/`));
  for (const at of mounts.reverse()) quietly('umount', '--lazy', at);
  return mounts.length;
}

/** This cgroup and those in it, deepest first. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap(({ name }) => below(path.join(folder, name))), folder];
}

function removed(top: string): boolean {
  try {
    for (const folder of below(top)) rmdirSync(folder);
    return true;
  } catch {
    // Its last process is still being taken apart.
    return false;
  }
}

function quietly(program: string, ...args: string[]): void {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
  } catch {
    // It has gone before.
  }
}
