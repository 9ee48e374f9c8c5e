import { setTimeout as pause } from 'node:timers/promises';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Kubernetes } from './client.ts';
import { reasonOf, strange } from './failures.ts';

/** A body in lines as they come, or why there is none. */
export type Lines = { lines: AsyncIterable<string> } | { refused: number; reason: string };

/** Something that a watch says: what there is, first and whenever the watch had to begin anew; then what happens to one object. */
export type Change<T> = { type: 'LISTED'; objects: readonly T[] } | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T };

interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T & { metadata?: { resourceVersion?: string }; code?: number; message?: string };
}

interface List<T> {
  items?: T[];
  metadata?: { resourceVersion?: string };
}

/** A watch that the server ends by itself is begun again; one that a network has forgotten ends with this. */
const WATCH_S = 290;
const AGAIN_MS = 1000;
const GONE = 410;

/** Streams the body of a GET by lines until it ends or `signal` is aborted; a connection that breaks off is an end too. Errors: TODOCTL_CLUSTER_*. */
export async function streamLines(kubernetes: Kubernetes, path: string, signal: AbortSignal): Promise<Lines> {
  const opened = await kubernetes.open(path, signal, { accept: '*/*' });
  if ('socket' in opened) {
    opened.socket.destroy();
    throw strange(kubernetes.where, 101, {});
  }
  return 'refused' in opened ? opened : { lines: linesOf(opened.body) };
}

/** Lines of a byte stream, wherever its chunks are cut; the last one may lack its end. */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  try {
    for await (const chunk of body) {
      let from = 0;
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8');
        rest = [];
        from = end + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (error) {
    if (!brokenOff(error)) throw error;
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

/** The other end went, or this one was told to stop. */
function brokenOff(error: unknown): boolean {
  const { code = '', name = '' } = error as NodeJS.ErrnoException;
  return name === 'AbortError' || ['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code);
}

/**
 * Lists what is at `path` (query included) and then says what happens to it until `signal` is aborted. What was missed while nobody
 * listened is listed anew. Errors: those of the first listing, and TODOCTL_CLUSTER_FORBIDDEN.
 */
export async function* watchList<T extends object>(kubernetes: Kubernetes, path: string, signal: AbortSignal): AsyncGenerator<Change<T>> {
  const and = `${path}${path.includes('?') ? '&' : '?'}`;
  for (let first = true; !signal.aborted; first = false) {
    const listed = await readList(kubernetes, path).catch((error: unknown) => {
      if (first || !mayPass(error)) throw error;
      return undefined;
    });
    if (listed) {
      yield { type: 'LISTED', objects: listed.items as T[] };
      yield* changes<T>(kubernetes, `${and}watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_S}`, listed.version, signal);
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readList(kubernetes: Kubernetes, path: string): Promise<{ items: object[]; version: string }> {
  const { status, body } = await kubernetes.ask<List<object>>(path);
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not list ${path.replace(/\?.*/, '')} of ${kubernetes.where}`, details: [reasonOf(body)] });
  if (status !== 200 || body.metadata?.resourceVersion === undefined) throw strange(kubernetes.where, status, body);
  return { items: body.items ?? [], version: body.metadata.resourceVersion };
}

/** Watches from a version on, over as many connections as it takes; returns when the server has forgotten that version. */
async function* changes<T extends object>(kubernetes: Kubernetes, path: string, from: string, signal: AbortSignal): AsyncGenerator<Change<T>> {
  for (let version = from; !signal.aborted; ) {
    const streamed = await streamLines(kubernetes, `${path}&resourceVersion=${encodeURIComponent(version)}`, signal).catch((error: unknown) => {
      if (signal.aborted || mayPass(error)) return undefined;
      throw error;
    });
    if (!streamed) await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    else if ('refused' in streamed) {
      if (streamed.refused === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not watch ${path.replace(/\?.*/, '')} of ${kubernetes.where}`, details: [streamed.reason] });
      return;
    } else {
      const begun = version;
      for await (const line of streamed.lines) {
        const event = eventOf<T>(line);
        // A line that was cut off, or an error: of expired versions most of all.
        if (!event || event.type === 'ERROR') {
          if (event && event.object.code !== GONE) await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
          return;
        }
        version = event.object.metadata?.resourceVersion ?? version;
        if (event.type !== 'BOOKMARK') yield { type: event.type, object: event.object };
      }
      // What ends without a word is not asked again at once.
      if (version === begun) await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function eventOf<T>(line: string): WatchEvent<T> | undefined {
  try {
    return JSON.parse(line) as WatchEvent<T>;
  } catch {
    return undefined;
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof TodoctlError && /_CLUSTER_(?:UNREACHABLE|STRANGE)$/.test(error.code);
}
