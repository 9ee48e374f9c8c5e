import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export interface Holder {
  pid: number;
  /** First words of its command line. */
  command: string;
}

const LISTENING = '0A';

/** Who listens on these TCP ports of this machine, from one look through /proc. Missing where it cannot be known: macOS, another user's process. */
export function holdersOf(ports: readonly number[]): Map<number, Holder> {
  const wanted = new Set(ports);
  const portOfSocket = new Map(['/proc/net/tcp', '/proc/net/tcp6'].flatMap(listeningSockets).filter(([, port]) => wanted.has(port)));
  const holders = new Map<number, Holder>();
  if (portOfSocket.size === 0) return holders;
  for (const pid of list('/proc').filter((entry) => /^\d+$/.test(entry))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      const port = portOfSocket.get(link(`/proc/${pid}/fd/${fd}`));
      // A child that inherited the socket comes later than who opened it.
      if (port !== undefined && !holders.has(port)) holders.set(port, { pid: Number(pid), command: commandOf(pid) });
    }
  }
  return holders;
}

/** `node server.js (pid 4711)`; undefined when it cannot be known. */
export function describeHolder(port: number): string | undefined {
  const holder = holdersOf([port]).get(port);
  return holder && holderText(holder);
}

export function holderText({ command, pid }: Holder): string {
  return `${command} (pid ${pid})`;
}

/** proc(5): local address is field 2 as HEX:PORT, state field 4, inode field 10. */
function listeningSockets(table: string): [socket: string, port: number][] {
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING)
    .map((fields) => [`socket:[${fields[9]}]`, Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16)]);
}

function commandOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).slice(0, 2).map((word) => path.basename(word)).join(' ') || 'a process';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
