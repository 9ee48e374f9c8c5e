import { type FSWatcher, watch } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { LogLine, LogSelection } from '../target.ts';
import { lineTime } from './log-time.ts';

const CHUNK = 64 * 1024;
const EXTENSION = '.log';
/** What the log of a sidecar of its own is called, after its service. */
const SIDECAR = '.dapr';
const MOST_LINES = 1_000_000;
/** Where a file system does not tell of changes, one looks this often, in ms. */
const LOOK_MS = 500;

/** The last lines of all chosen logs in the order of time, then, with `follow`, what is written until `signal`. */
export async function* readLogs(folder: string, { names, follow, tail, since, sidecar = false }: LogSelection, signal: AbortSignal): AsyncGenerator<LogLine> {
  const all = await processesIn(folder);
  if (all.length === 0) throw new TodoctlError('TODOCTL_NOT_DEPLOYED');
  const unknown = names.find((name) => !all.some((process) => belongs(process, name)));
  if (unknown !== undefined) throw unknownProcess(unknown, all);
  const chosen = (process: string): boolean => (!sidecar || process.endsWith(SIDECAR)) && (names.length === 0 || names.some((name) => belongs(process, name)));
  // Since a time all lines of the log count, not the last ones alone.
  const [count, oldest] = since === undefined ? [tail, -Infinity] : [MOST_LINES, Date.now() - since * 1000];

  const files = new Map<string, Tail>();
  const last = await Promise.all(
    all.filter(chosen).map(async (process) => {
      const file = new Tail(path.join(folder, `${process}${EXTENSION}`));
      files.set(process, file);
      return withTimes(process, await file.last(count)).filter(({ time }) => time >= oldest);
    }),
  );
  const merged = last.flat().sort((a, b) => a.time - b.time);
  for (const { line } of merged.slice(Math.max(0, merged.length - count))) yield line;
  if (follow) yield* followed(folder, files, chosen, signal);
}

/** `task-api` means all its replicas, `task-api-0` the one. */
function belongs(process: string, name: string): boolean {
  return process === name || (process.startsWith(`${name}-`) && /^\d+(\.dapr)?$/.test(process.slice(name.length + 1)));
}

async function processesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(EXTENSION)).map((file) => file.slice(0, -EXTENSION.length)).sort();
}

function unknownProcess(name: string, all: readonly string[]): TodoctlError {
  const close = nearest(name, [...all, ...all.map((process) => process.replace(/-\d+$/, ''))]);
  return new TodoctlError('TODOCTL_UNKNOWN_PROCESS', {
    message: `No process or service is called ${name}`,
    details: [`there are ${all.join(', ')}`],
    ...(close ? { next: [`Did you mean ${close}?`] } : {}),
  });
}

/** Lines that have no time of their own belong to the one before them. */
function withTimes(process: string, lines: readonly string[]): { time: number; line: LogLine }[] {
  let time = 0;
  return lines.map((text) => {
    time = lineTime(text) ?? time;
    return { time, line: { process, text } };
  });
}

async function* followed(folder: string, files: Map<string, Tail>, chosen: (process: string) => boolean, signal: AbortSignal): AsyncGenerator<LogLine> {
  const bell = new Bell(folder, signal);
  try {
    while (!signal.aborted) {
      const rung = bell.next();
      for (const process of (await processesIn(folder)).filter(chosen)) {
        const file = files.get(process) ?? new Tail(path.join(folder, `${process}${EXTENSION}`));
        files.set(process, file);
        for (const text of await file.added()) yield { process, text };
      }
      await rung;
    }
  } finally {
    bell.stop();
  }
}

/** Rings when something in a folder may have changed, or the signal says to stop. */
class Bell {
  readonly #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;
  #waiting = Promise.withResolvers<void>();

  constructor(folder: string, signal: AbortSignal) {
    const ring = (): void => this.#waiting.resolve();
    this.#timer = setInterval(ring, LOOK_MS);
    try {
      this.#watcher = watch(folder, ring).on('error', ring);
    } catch {
      // Out of watches: the timer is enough.
    }
    signal.addEventListener('abort', ring, { once: true });
  }

  next(): Promise<void> {
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }
}

/** One log file, read from its end. It is emptied in place when it is rotated. */
class Tail {
  readonly #file: string;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** The last `count` whole lines; `added` goes on after them. */
  async last(count: number): Promise<string[]> {
    await using handle = await open(this.#file);
    const { size } = await handle.stat();
    let start = size;
    let tail = Buffer.alloc(0);
    while (start > 0 && newlines(tail) <= count) {
      const from = Math.max(0, start - CHUNK);
      const { buffer } = await handle.read(Buffer.alloc(start - from), 0, start - from, from);
      tail = Buffer.concat([buffer, tail]);
      start = from;
    }
    const end = tail.lastIndexOf(0x0a) + 1;
    this.#offset = size - (tail.length - end);
    return tail.subarray(0, end).toString('utf8').split('\n').slice(0, -1).slice(count === 0 ? Infinity : -count);
  }

  /** Whole lines that were written since. */
  async added(): Promise<string[]> {
    await using handle = await open(this.#file);
    const { size } = await handle.stat();
    if (size < this.#offset) {
      this.#offset = 0;
      this.#rest = Buffer.alloc(0);
    }
    if (size === this.#offset) return [];
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - this.#offset), 0, size - this.#offset, this.#offset);
    this.#offset += bytesRead;
    const text = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(0x0a) + 1;
    this.#rest = text.subarray(end);
    return text.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  }
}

function newlines(buffer: Buffer): number {
  let count = 0;
  for (let at = buffer.indexOf(0x0a); at !== -1; at = buffer.indexOf(0x0a, at + 1)) count++;
  return count;
}
