import type { State } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { readinessOf } from '../../kubernetes/readiness.ts';
import { ifAllowed, listObjects } from '../../kubernetes/read.ts';
import { type ClusterEvent, type Pod, whyPods } from '../../kubernetes/why.ts';

interface Selecting {
  selector?: { matchLabels?: Record<string, string> };
}

/**
 * Done when all of these are ready; else what the first of them wait for: of pods the cause, from their containers and events, or an
 * object's own word. Stuck where waiting will not help.
 */
export async function stateOfAll<T>(kubernetes: Kubernetes, objects: readonly KubernetesObject[], value: T): Promise<State<T>> {
  const waiting = objects.flatMap((object) => {
    const readiness = readinessOf(object);
    return readiness.is === 'ready' ? [] : [{ object, readiness }];
  });
  if (waiting.length === 0) return { is: 'done', value };
  const reasons = await Promise.all(waiting.slice(0, MOST).map(async ({ object, readiness }) => {
    const why = await whyOf(kubernetes, object);
    return { text: `${nameOf(object)}: ${why ? `${readiness.reason}; ${why.reason}` : readiness.reason}`, terminal: readiness.terminal ?? why?.terminal ?? false, words: why?.words ?? [] };
  }));
  const more = waiting.length - reasons.length;
  const lasting = reasons.filter(({ terminal }) => terminal);
  if (lasting.length > 0) return { is: 'stuck', error: new TodoctlError('TODOCTL_WORKLOAD_FAILING', { message: lasting[0]?.text ?? '', details: [...(lasting[0]?.words ?? []), ...lasting.slice(1).map(({ text }) => text)] }) };
  return { is: 'busy', reason: `${reasons.map(({ text }) => text).join('; ')}${more > 0 ? `; and ${more} more` : ''}` };
}

/** Of so many the reason is told: more is no help. */
const MOST = 3;

interface Why {
  reason: string;
  terminal: boolean;
  /** The last lines of a program that keeps ending. */
  words?: string[];
}

/** What the pods of an object say of themselves. */
async function whyOf(kubernetes: Kubernetes, { apiVersion, kind, metadata: { name, namespace }, ...rest }: KubernetesObject): Promise<Why | undefined> {
  if (namespace === undefined) return undefined;
  const labels = apiVersion.startsWith('kafka.strimzi.io/') && kind === 'Kafka' ? { 'strimzi.io/cluster': name } : (rest['spec'] as Selecting | undefined)?.selector?.matchLabels;
  if (!labels || kind === 'PersistentVolumeClaim') return undefined;
  const at = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const pods = await ifAllowed(listObjects<Pod>(kubernetes, `${at}/pods`, labels));
  const events = await ifAllowed(listObjects<ClusterEvent>(kubernetes, `${at}/events`));
  const why = whyPods(pods, events);
  if (why?.terminal) return { ...why, words: await lastWords(kubernetes, at, pods) };
  if (why || pods.length > 0) return why;
  // No pod at all: a quota, a webhook or a Pod Security Standard refuses them, and their owner's events say so.
  const refused = events.filter(({ reason, involvedObject }) => reason === 'FailedCreate' && (involvedObject.name ?? '').startsWith(name)).at(-1);
  return refused?.message === undefined ? undefined : { reason: `its pods are refused: ${refused.message}`, terminal: false };
}

const LINES = 5;

/** What the first container that keeps ending wrote before its last end; nothing where that cannot be read. */
async function lastWords(kubernetes: Kubernetes, at: string, pods: readonly Pod[]): Promise<string[]> {
  const [found] = pods.flatMap(({ metadata: { name }, status = {} }) =>
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].filter(({ restartCount, ready }) => restartCount > 0 && !ready).map((container) => ({ pod: name, container: container.name })),
  );
  if (!found) return [];
  const { status, body } = await kubernetes.ask<unknown>(`${at}/pods/${encodeURIComponent(found.pod)}/log?container=${encodeURIComponent(found.container)}&previous=true&tailLines=${LINES}`);
  if (status !== 200) return [];
  // What is no JSON comes as a message; a single line of our own logs is JSON.
  const text = typeof (body as { message?: unknown } | null)?.message === 'string' ? (body as { message: string }).message : JSON.stringify(body);
  return text.split('\n').filter(Boolean).map((line) => `${found.container}: ${line}`);
}

function nameOf({ kind, metadata: { name } }: KubernetesObject): string {
  return `${kind} ${name}`;
}
