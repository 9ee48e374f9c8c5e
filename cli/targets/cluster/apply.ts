import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Clock } from '../../io/clock.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, pathOf, type Resource, versionOf } from '../../kubernetes/discovery.ts';
import { reasonOf } from '../../kubernetes/failures.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { Head } from '../../render/applied.ts';

/** What of an object is sent: its head, and the whole as YAML or JSON. */
export interface Sent {
  head: Head;
  body: string;
}

export interface Applying {
  kubernetes: Kubernetes;
  kinds: Kinds;
  clock: Clock;
  leave: AbortSignal;
  /** Told why it is tried again. */
  progress(line: string): void;
  /** Throws where the lock has been lost. */
  assertHeld: () => void;
}

const AGAIN_MS = 1000;
/** What heals by itself within a moment: a webhook whose pod has only just become ready, a kind that is only just served. */
const SOON = /failed calling webhook|conversion webhook|no endpoints available|connection refused|the server is currently unable|could not find the requested resource/i;
const FIRST = new Set(['Namespace', 'CustomResourceDefinition']);

/** The kinds of a cluster, listed anew when one is missing: charts bring some while we are at it. */
export class Kinds {
  readonly #kubernetes: Kubernetes;
  #listed: Promise<ReadonlyMap<string, Resource>> | undefined;

  constructor(kubernetes: Kubernetes, known?: readonly Resource[]) {
    this.#kubernetes = kubernetes;
    if (known) this.#listed = Promise.resolve(byName(known));
  }

  async find(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const key = `${apiVersion} ${kind}`;
    const asked = (this.#listed ??= this.#list());
    const found = (await asked).get(key);
    if (found) return found;
    // Who asks meanwhile waits for the same list.
    if (this.#listed === asked) this.#listed = this.#list();
    return (await this.#listed).get(key);
  }

  async #list(): Promise<ReadonlyMap<string, Resource>> {
    return byName(await discover(this.#kubernetes));
  }
}

function byName(resources: readonly Resource[]): ReadonlyMap<string, Resource> {
  return new Map(resources.map((resource) => [`${versionOf(resource)} ${resource.kind}`, resource]));
}

/**
 * Applies objects server-side as the owner `todoctl`, what others live in first. What cannot be taken yet, because a webhook or a kind
 * is only coming up, is sent again until the step's time is over. Errors: TODOCTL_OBJECT_REFUSED, and those of asking.
 */
export async function applyObjects(objects: readonly Sent[], given: Applying): Promise<void> {
  for (const first of [true, false]) {
    await Promise.all(objects.filter(({ head }) => FIRST.has(head.kind) === first).map((object) => applyObject(object, given)));
  }
}

async function applyObject({ head, body }: Sent, given: Applying): Promise<void> {
  const { kind, metadata: { name, namespace } } = head;
  const shown = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  for (let said = ''; ; ) {
    given.leave.throwIfAborted();
    given.assertHeld();
    const resource = await given.kinds.find(head.apiVersion, kind);
    const answer = resource && (await given.kubernetes.ask<KubernetesObject>(`${pathOf(resource, namespace, name)}?fieldManager=todoctl&force=true`, { method: 'PATCH', type: 'application/apply-patch+yaml', body }));
    if (answer?.status === 200 || answer?.status === 201) return;
    const reason = answer ? reasonOf(answer.body) : `the cluster has no kind ${kind} of ${head.apiVersion} yet`;
    if (answer && !(answer.status >= 500 || answer.status === 404 || answer.status === 409) && !SOON.test(reason)) {
      throw new TodoctlError('TODOCTL_OBJECT_REFUSED', { message: `${shown}: ${reason}` });
    }
    if (said !== reason) given.progress(`${shown}: ${(said = reason)}`);
    await given.clock.wait(AGAIN_MS, given.leave);
  }
}

/** Reads what is there of these objects, kind by kind, each list once. Those that are not there are left out. */
export async function readBack(objects: readonly Sent[], kinds: Kinds, kubernetes: Kubernetes): Promise<KubernetesObject[]> {
  const groups = new Map<string, Sent[]>();
  for (const object of objects) {
    const { apiVersion, kind, metadata: { namespace = '' } } = object.head;
    const key = `${apiVersion} ${kind} ${namespace}`;
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  const read = await Promise.all([...groups.values()].map(async (group) => {
    const [{ head: { apiVersion, kind, metadata: { namespace } } }] = group as [Sent];
    const resource = await kinds.find(apiVersion, kind);
    if (!resource) return [];
    const names = new Set(group.map(({ head }) => head.metadata.name));
    const found = group.length === 1
      ? [await readOne(kubernetes, pathOf(resource, namespace, group[0]?.head.metadata.name))]
      : await readMany(kubernetes, pathOf(resource, namespace));
    return found.flatMap((object) => (object && names.has(object.metadata.name) ? [{ ...object, apiVersion, kind }] : []));
  }));
  return read.flat();
}

async function readOne(kubernetes: Kubernetes, path: string): Promise<KubernetesObject | undefined> {
  const { status, body } = await kubernetes.ask<KubernetesObject>(path);
  return status === 200 ? body : undefined;
}

async function readMany(kubernetes: Kubernetes, path: string): Promise<KubernetesObject[]> {
  const { body } = await kubernetes.ask<{ items?: KubernetesObject[] }>(path);
  return body.items ?? [];
}
