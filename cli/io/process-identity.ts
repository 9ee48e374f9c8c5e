import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process that can be told from a later one with the same pid: pids are given out again, also after a reboot. */
export interface Identity {
  pid: number;
  /** When it started, in the system's own unit. */
  start: string;
  /** Which run of the machine it belongs to. */
  boot: string;
}

/** The live process with this pid, or undefined. A zombie is not alive: where nobody reaps, it stays for ever. */
export function identify(pid: number): Identity | undefined {
  const start = hasProc() ? startFromProc(pid) : startFromPs(pid);
  return start === undefined ? undefined : { pid, start, boot: bootId() };
}

/** True while exactly this process lives. */
export function isAlive(identity: Identity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.start === identity.start && now.boot === identity.boot;
}

export function bootId(): string {
  if (hasProc()) return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  // macOS prints "{ sec = 1700000000, usec = 5 } Tue Nov 14 …"; usec may be corrected later.
  const text = spawnSync('/usr/sbin/sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).stdout;
  return /sec = (\d+)/.exec(text)?.[1] ?? 'unknown';
}

/** How often to look whether an adopted process still lives, in milliseconds: cheap from /proc, a program's start elsewhere. */
export function lookEveryMs(): number {
  return hasProc() ? 100 : 2000;
}

export function hasProc(): boolean {
  return existsSync('/proc/self/stat');
}

// proc(5): field 2 is the name in brackets and may hold anything, so count from the last bracket: field 3 is the state, 22 the start.
function startFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return isDead(fields[0]) ? undefined : fields[19];
}

function startFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('/bin/ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout) ?? [];
  return start === undefined || isDead(state) ? undefined : String(Date.parse(start));
}

function isDead(state: string | undefined): boolean {
  return state === undefined || state.startsWith('Z') || state.startsWith('X');
}
