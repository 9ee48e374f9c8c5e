import { setTimeout as pause } from 'node:timers/promises';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { listObjects } from '../../kubernetes/read.ts';
import { streamLines, watchList } from '../../kubernetes/stream.ts';
import type { LogLine, LogSelection } from '../target.ts';
import { mergeLast, ReadTo, type Stamped, stamped } from './log-lines.ts';
import { LineQueue } from './line-queue.ts';
import type { Marks } from './marks.ts';

interface Pod {
  metadata: { name: string; uid: string; labels?: Record<string, string> };
  spec: { containers: readonly { name: string }[]; initContainers?: readonly { name: string }[] };
}

/** The container of one pod whose log is read. */
interface Source {
  uid: string;
  pod: string;
  container: string;
  read: ReadTo;
}

type Line = LogLine & Stamped;

const SIDECAR = 'daprd';
const NAME = 'app.kubernetes.io/name';
/** Between two tries to read a log that cannot be read now. */
const AGAIN_MS = 1000;
/** Lines that wait for whoever prints them before the pods wait too. */
const MOST_WAITING = 1000;

/**
 * What the pods of the environment's services have logged, by name of a service or of a pod: the last lines of all in the order of
 * time, then, with `follow`, what they and pods that come later log until `signal`.
 * Errors: TODOCTL_NOT_DEPLOYED, TODOCTL_UNKNOWN_PROCESS, TODOCTL_CLUSTER_*.
 */
export async function* clusterLogs(kubernetes: Kubernetes, { namespace, labels }: Pick<Marks, 'namespace' | 'labels'>, of: LogSelection, signal: AbortSignal): AsyncGenerator<LogLine> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pods = await listObjects<Pod>(kubernetes, path, labels);
  if (pods.length === 0) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: `There are no pods of the platform in the namespace ${namespace} of ${kubernetes.where}` });
  for (const name of of.names) if (!pods.some((pod) => belongs(pod, name))) throw unknownService(name, pods);
  const sources = pods.flatMap((pod) => sourceOf(pod, of));
  const history = await Promise.all(sources.map((source) => lastLines(kubernetes, namespace, source, of, signal)));
  for (const { process, text } of mergeLast(history, of.since === undefined ? of.tail : Infinity)) yield { process, text };
  if (!of.follow || of.previous || signal.aborted) return;
  const selector = encodeURIComponent(Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(','));
  yield* followed(kubernetes, { namespace, path: `${path}?labelSelector=${selector}` }, sources, of, signal);
}

/** `task-api` means all its pods, a pod's own name the one. */
function belongs({ metadata }: Pod, name: string): boolean {
  return metadata.name === name || metadata.labels?.[NAME] === name;
}

function sourceOf(pod: Pod, { names, sidecar = false }: LogSelection): Source[] {
  if (names.length > 0 && !names.some((name) => belongs(pod, name))) return [];
  // Since Kubernetes 1.29 a sidecar may stand among the init containers.
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }) => name);
  const container = sidecar ? all.find((name) => name === SIDECAR) : all.find((name) => name !== SIDECAR);
  return container === undefined ? [] : [{ uid: pod.metadata.uid, pod: pod.metadata.name, container, read: new ReadTo() }];
}

function unknownService(name: string, pods: readonly Pod[]): TodoctlError {
  const services = [...new Set(pods.flatMap(({ metadata }) => metadata.labels?.[NAME] ?? []))].sort();
  const close = nearest(name, [...services, ...pods.map(({ metadata }) => metadata.name)]);
  return new TodoctlError('TODOCTL_UNKNOWN_PROCESS', {
    message: `No service with pods is called ${name}`,
    details: [`there are ${services.join(', ')}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}

function pathOf(namespace: string, { pod, container }: Source, more: Readonly<Record<string, string>>): string {
  return `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod)}/log?${new URLSearchParams({ container, timestamps: 'true', ...more }).toString()}`;
}

/** None of a container that has not begun, or has no run before this one. */
async function lastLines(kubernetes: Kubernetes, namespace: string, source: Source, { tail, previous, since }: LogSelection, signal: AbortSignal): Promise<Line[]> {
  const more = { ...(since === undefined ? { tailLines: String(tail) } : { sinceSeconds: String(Math.max(1, Math.ceil(since))) }), ...(previous ? { previous: 'true' } : {}) };
  const streamed = await streamLines(kubernetes, pathOf(namespace, source, more), signal);
  if ('refused' in streamed) {
    if (streamed.refused === 403) throw forbidden(namespace, streamed.reason);
    return [];
  }
  const lines: Line[] = [];
  for await (const line of streamed.lines) {
    const one = stamped(line);
    if (one && source.read.take(one)) lines.push({ process: source.pod, ...one });
  }
  return lines;
}

function forbidden(namespace: string, reason: string): TodoctlError {
  return new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
    message: `You may not read logs of pods in the namespace ${namespace}`,
    details: [reason, 'it takes the verb get on pods/log'],
    next: ['Ask for the role viewer of the environment: role-viewer.yaml of what todoctl render --only access writes.'],
  });
}

async function* followed(kubernetes: Kubernetes, where: { namespace: string; path: string }, begun: readonly Source[], of: LogSelection, signal: AbortSignal): AsyncGenerator<LogLine> {
  const queue = new LineQueue<LogLine>(MOST_WAITING);
  const followers = new Map<string, AbortController>();
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const follow = (source: Source): void => {
    if (followers.has(source.uid)) return;
    const gone = new AbortController();
    followers.set(source.uid, gone);
    followOne(kubernetes, where.namespace, source, queue, AbortSignal.any([both, gone.signal])).catch((error: unknown) => queue.fail(error));
  };
  const leave = (uid: string): void => {
    followers.get(uid)?.abort();
    followers.delete(uid);
  };
  const watch = async (): Promise<void> => {
    for await (const change of watchList<Pod>(kubernetes, where.path, both)) {
      if (change.type === 'DELETED') leave(change.object.metadata.uid);
      else if (change.type === 'LISTED') {
        const there = new Set(change.objects.map(({ metadata }) => metadata.uid));
        for (const uid of [...followers.keys()]) if (!there.has(uid)) leave(uid);
        for (const pod of change.objects) sourceOf(pod, of).forEach(follow);
      } else sourceOf(change.object, of).forEach(follow);
    }
  };
  begun.forEach(follow);
  const end = (): void => queue.end();
  signal.addEventListener('abort', end, { once: true });
  watch().catch((error: unknown) => queue.fail(error));
  try {
    yield* queue;
  } finally {
    signal.removeEventListener('abort', end);
    over.abort();
  }
}

/** One container's log from where it was read to, over as many connections, and restarts of the container, as it takes. */
async function followOne(kubernetes: Kubernetes, namespace: string, source: Source, queue: LineQueue<LogLine>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { since } = source.read;
    const streamed = await streamLines(kubernetes, pathOf(namespace, source, { follow: 'true', ...(since === undefined ? {} : { sinceTime: since }) }), signal).catch((error: unknown) => {
      if (signal.aborted || (error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_UNREACHABLE')) return undefined;
      throw error;
    });
    if (streamed && 'refused' in streamed && streamed.refused === 403) throw forbidden(namespace, streamed.reason);
    source.read.again();
    if (streamed && 'lines' in streamed) {
      for await (const line of streamed.lines) {
        const one = stamped(line);
        if (one && source.read.take(one)) await queue.push({ process: source.pod, text: one.text });
      }
    }
    // A container that has not begun, one that begins again, a server that is busy.
    await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
