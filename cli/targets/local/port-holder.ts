import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export interface Holder {
  pid: number;
  /** First words of its command line. */
  command: string;
}

const LISTENING = '0A';

/** Who listens on a TCP port of this machine, from /proc; undefined where it cannot be known (macOS, another user's process). */
export function holderOf(port: number): Holder | undefined {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => socketsOn(table, port)));
  if (sockets.size === 0) return undefined;
  for (const entry of list('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const folder = `/proc/${entry}/fd`;
    if (list(folder).some((fd) => sockets.has(link(path.join(folder, fd))))) return { pid: Number(entry), command: commandOf(entry) };
  }
  return undefined;
}

/** `node server.js (pid 4711)`. */
export function describeHolder(holder: Holder | undefined): string | undefined {
  return holder && `${holder.command} (pid ${holder.pid})`;
}

/** proc(5): local address is field 2 as HEX:PORT, state field 4, inode field 10. */
function socketsOn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
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
