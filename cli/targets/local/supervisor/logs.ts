import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

/** A log is rotated when it is larger than this, in bytes. */
export const LOG_BYTES = 10 * 1024 * 1024;
/** How many older files are kept beside it: `.1` is the youngest. */
export const LOG_FILES = 3;

const LAST_WORDS = 3;

export function logPath(stateDir: string, name: string): string {
  return path.join(stateDir, 'logs', `${name}.log`);
}

/** Opens a log for a child to write into by itself, so that neither its life nor its lines hang on the supervisor's. */
export function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return openSync(file, 'a', 0o600);
}

/**
 * Copies a log aside and empties it. The writer holds its file open (O_APPEND), so the file cannot be swapped under it.
 * What may be lost: a line written in the microseconds between the last look at the file's length and its truncation.
 * What may come twice: all of it, if the machine dies between the rename and the truncation.
 */
export async function rotate(file: string, given: { bytes: number; keep: number }): Promise<boolean> {
  if (logSize(file) <= given.bytes) return false;
  const copy = `${file}.copying`;
  await copyFile(file, copy);
  for (let index = given.keep; index > 1; index--) {
    if (existsSync(`${file}.${index - 1}`)) renameSync(`${file}.${index - 1}`, `${file}.${index}`);
  }
  const from = openSync(file, 'r+');
  const to = openSync(copy, 'a');
  try {
    renameSync(copy, `${file}.1`);
    let copied = fstatSync(to).size;
    while (fstatSync(from).size > copied) copied += copyFrom(from, to, copied);
    ftruncateSync(from, 0);
  } finally {
    closeSync(from);
    closeSync(to);
  }
  rmSync(`${file}.${given.keep + 1}`, { force: true });
  return true;
}

function copyFrom(from: number, to: number, position: number): number {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  const length = readSync(from, buffer, 0, buffer.length, position);
  return writeSync(to, buffer, 0, length);
}

/** How long a log is, in bytes; 0 when there is none. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a log from byte `since` on, in one line; of a JSON line its message. Empty when it said nothing. */
export function lastWords(file: string, since: number): string {
  let text = '';
  try {
    const log = openSync(file, 'r');
    const { size } = fstatSync(log);
    const begin = Math.max(size < since ? 0 : since, size - 4096);
    const buffer = Buffer.alloc(size - begin);
    readSync(log, buffer, 0, buffer.length, begin);
    closeSync(log);
    text = buffer.toString('utf8');
  } catch {
    return '';
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LAST_WORDS).map(messageOf).join(' | ');
}

function messageOf(line: string): string {
  try {
    const parsed = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } };
    const words = [parsed.msg, parsed.err?.message].filter((word) => typeof word === 'string');
    if (words.length > 0) return words.join(': ');
  } catch {
    // Not JSON: a crash's own words.
  }
  return line.trim().slice(0, 200);
}
