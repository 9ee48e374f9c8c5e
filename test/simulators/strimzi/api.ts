import { finished } from 'node:stream/promises';
import { Kubernetes } from '../../../cli/kubernetes/client.ts';
import { readKubeconfig } from '../../../cli/kubernetes/kubeconfig.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import { type Condition, type Metadata, pathOf, type PLURALS, type Status } from './kinds.ts';

const MANAGER = 'strimzi-cluster-operator';

/** The cluster's API as the operator uses it. */
export class Api {
  readonly kubernetes: Kubernetes;

  constructor(kubernetes: Kubernetes) {
    this.kubernetes = kubernetes;
  }

  static async open(kubeconfig: string, stop: AbortSignal, context?: string): Promise<Api> {
    return new Api(new Kubernetes(await readKubeconfig([kubeconfig], context), { env: { PATH: process.env['PATH'] }, redactor: new Redactor(), stop }));
  }

  /** All objects of a kind; none while the kind is not there. */
  async list<T>(path: string): Promise<T[]> {
    const { status, body } = await this.kubernetes.ask<{ items?: T[] }>(path);
    if (status !== 200 && status !== 404) throw new Error(`GET ${path}: ${status}`);
    return body.items ?? [];
  }

  async get<T>(path: string): Promise<T | undefined> {
    const { status, body } = await this.kubernetes.ask<T>(path);
    return status === 200 ? body : undefined;
  }

  /** Server-side apply, as Strimzi's own objects are made. */
  async apply(object: { apiVersion: string; kind: string; metadata: { name: string; namespace: string } }): Promise<void> {
    const { apiVersion, kind, metadata: { name, namespace } } = object;
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    await this.#change('PATCH', `${root}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}?fieldManager=${MANAGER}&force=true`, object, 'application/apply-patch+yaml');
  }

  async create(path: string, object: object): Promise<void> {
    await this.#change('POST', path, object, 'application/json', [409]);
  }

  async delete(path: string): Promise<void> {
    await this.#change('DELETE', path, undefined, undefined, [404, 409]);
  }

  /** A JSON merge patch. One that comes too late is none. */
  async patch(path: string, change: object): Promise<void> {
    await this.#change('PATCH', path, change, 'application/merge-patch+json', [404]);
  }

  /** Writes a status where it is another; times of conditions that stay are kept, as Strimzi does. */
  async status(kind: keyof typeof PLURALS, object: { metadata: Metadata; status?: Status }, status: Status): Promise<void> {
    const { name, namespace } = object.metadata;
    const before = object.status?.conditions ?? [];
    const conditions = status.conditions?.map((condition): Condition => {
      const same = before.find(({ type, status: was }) => type === condition.type && was === condition.status);
      return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? new Date().toISOString() };
    });
    const next = conditions ? { ...status, conditions } : status;
    if (sorted(next) === sorted(object.status ?? {})) return;
    // What a status no longer has must be taken away by name.
    const gone = Object.fromEntries(Object.keys(object.status ?? {}).filter((key) => !(key in next)).map((key) => [key, null]));
    await this.patch(`${pathOf(kind, namespace, name)}/status`, { status: { ...gone, ...next } });
  }

  /** Calls `changed` once a watch is open and at each of its events, until it ends. */
  async follow(path: string, signal: AbortSignal, changed: () => void): Promise<void> {
    const opened = await this.kubernetes.open(`${path}?watch=true`, signal);
    if (!('body' in opened)) return;
    changed();
    opened.body.on('data', changed);
    await finished(opened.body, { writable: false });
  }

  async #change(method: 'POST' | 'PATCH' | 'DELETE', path: string, object?: object, type?: string, passed: readonly number[] = []): Promise<void> {
    const { status, body } = await this.kubernetes.ask<{ message?: string }>(path, { method, ...(object && { body: JSON.stringify(object) }), ...(type === undefined ? {} : { type }) });
    if (status >= 300 && !passed.includes(status)) throw new Error(`${method} ${path}: ${status} ${body.message ?? ''}`);
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a.localeCompare(b))) : inner));
}
