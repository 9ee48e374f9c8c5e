import type { CloudEvent } from '../contracts/cloud-event.ts';
import { PUBSUB } from '../contracts/names.ts';
import { DaprError } from './dapr-error.ts';
import { createHttpClient, type Answer } from './http/client.ts';
import { loadSdk, type Sdk } from './dapr-sdk.ts';
import { formatTraceparent, type Trace } from './trace.ts';

export interface InvokeOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trace?: Trace;
}

export interface BulkEntry {
  readonly event: CloudEvent;
  readonly key: string;
}

/** Which entry of a bulk call failed, and why. */
export interface BulkFailure {
  readonly index: number;
  readonly error: string;
}

export interface StateOptions {
  /** Only if unchanged since this ETag. */
  readonly etag?: string;
  /** Only if there is no such key yet. */
  readonly create?: boolean;
  readonly ttlSeconds?: number;
}

/** The building blocks of Dapr that services use. Every failure is a DaprError, never a returned `{error}`. */
export interface Dapr {
  /** Publishes a CloudEvent as it is; `key` decides the partition. */
  publish(topic: string, event: CloudEvent, options: { key: string }): Promise<void>;
  /** Publishes many; resolves with the entries that failed, throws DaprError when the whole call did. */
  publishBulk(topic: string, entries: readonly BulkEntry[], signal?: AbortSignal): Promise<BulkFailure[]>;
  /** Calls another service by its app id; resolves with the JSON it answered (undefined for none) on 2xx. */
  invoke(appId: string, path: string, options?: InvokeOptions): Promise<unknown>;
  /** undefined when there is no such key. */
  getState(store: string, key: string): Promise<{ value: unknown; etag: string } | undefined>;
  /** Resolves false when `etag` or `create` no longer fit. */
  setState(store: string, key: string, value: unknown, options?: StateOptions): Promise<boolean>;
  /** Resolves false when `etag` no longer fits. */
  deleteState(store: string, key: string, options?: { etag?: string }): Promise<boolean>;
  secret(store: string, key: string): Promise<Record<string, string>>;
  /** Throws unless the sidecar can be used (/v1.0/healthz/outbound). */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DaprOptions {
  /** undefined: there is no sidecar, and every call says so. */
  readonly port: number | undefined;
  readonly host?: string;
  readonly apiToken?: string | undefined;
  /** 10 s unless told. */
  readonly timeoutMs?: number;
}

/**
 * The adapter to the sidecar. Publishing and invocation go by @dapr/dapr, which is loaded on first use (0.4 s, 65 MB) and
 * whose returned errors are thrown here; what its HTTP client cannot do (bulk with failed entries, ETags) goes by plain HTTP.
 */
export function createDapr(options: DaprOptions): Dapr {
  const { port, host = '127.0.0.1', apiToken, timeoutMs = 10_000 } = options;
  const http = createHttpClient();
  let sdk: Promise<Sdk> | undefined;

  const call = async (operation: string, method: string, path: string, body?: unknown, more: { headers?: Record<string, string>; signal?: AbortSignal | undefined } = {}): Promise<Answer> => {
    if (port === undefined) throw new DaprError(operation, 0, undefined, new Error('DAPR_HTTP_PORT is not set'));
    const headers = { ...(apiToken ? { 'dapr-api-token': apiToken } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more.headers };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await http.call({ method, host, port, path: `/v1.0${path}`, headers, timeoutMs, signal: more.signal, ...text });
    } catch (error) {
      throw new DaprError(operation, 0, undefined, error);
    }
  };
  const loaded = async (operation: string): Promise<Sdk> => {
    if (port === undefined) throw new DaprError(operation, 0, undefined, new Error('DAPR_HTTP_PORT is not set'));
    // The SDK would wait a minute for a sidecar that is away.
    if (!sdk) await ping();
    return (sdk ??= loadSdk({ host, port, apiToken, timeoutMs }));
  };
  const ping = async (): Promise<void> => {
    expectSuccess('health', await call('health', 'GET', '/healthz/outbound'));
  };

  return {
    async publish(topic, event, { key }) {
      await (await loaded('publish')).publish(PUBSUB, topic, event, key);
    },
    async publishBulk(topic, entries, signal) {
      const body = entries.map(({ event, key }, index) => ({
        entryId: String(index),
        event,
        contentType: 'application/cloudevents+json',
        metadata: { partitionKey: key },
      }));
      const answer = await call('publish', 'POST', `/publish/bulk/${PUBSUB}/${encodeURIComponent(topic)}`, body, { signal });
      if (answer.status >= 200 && answer.status < 300) return [];
      return failures(answer, entries.length);
    },
    async invoke(appId, path, { method = 'GET', body, headers = {}, trace } = {}) {
      const traced = trace ? { ...headers, traceparent: formatTraceparent(trace) } : { ...headers };
      return (await loaded('invoke')).invoke(appId, path.replace(/^\//, ''), method, body, traced);
    },
    async getState(store, key) {
      const answer = await call('state', 'GET', statePath(store, key));
      if (answer.status === 204) return undefined;
      expectSuccess('state', answer);
      return { value: json(answer), etag: String(answer.headers['etag'] ?? '') };
    },
    async setState(store, key, value, { etag, create = false, ttlSeconds } = {}) {
      const item = {
        key,
        value,
        ...(etag === undefined ? {} : { etag }),
        ...(etag !== undefined || create ? { options: { concurrency: 'first-write' } } : {}),
        ...(ttlSeconds === undefined ? {} : { metadata: { ttlInSeconds: String(ttlSeconds) } }),
      };
      const answer = await call('state', 'POST', `/state/${encodeURIComponent(store)}`, [item]);
      if (answer.status === 409) return false;
      expectSuccess('state', answer);
      return true;
    },
    async deleteState(store, key, { etag } = {}) {
      const headers = etag === undefined ? {} : { 'if-match': etag };
      const answer = await call('state', 'DELETE', statePath(store, key), undefined, { headers });
      if (answer.status === 409) return false;
      expectSuccess('state', answer);
      return true;
    },
    async secret(store, key) {
      const answer = await call('secret', 'GET', `/secrets/${encodeURIComponent(store)}/${encodeURIComponent(key)}`);
      expectSuccess('secret', answer);
      return json(answer) as Record<string, string>;
    },
    ping,
    async close() {
      http.close();
      await (await sdk?.catch(() => undefined))?.close();
    },
  };
}

function statePath(store: string, key: string): string {
  return `/state/${encodeURIComponent(store)}/${encodeURIComponent(key)}`;
}

function expectSuccess(operation: string, answer: Answer): void {
  if (answer.status < 200 || answer.status >= 300) throw new DaprError(operation, answer.status, json(answer));
}

function json({ body }: Answer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return body.toString('utf8');
  }
}

/** The entries that daprd names in `failedEntries`; when it names none that we sent, nothing is known to be published. */
function failures(answer: Answer, count: number): BulkFailure[] {
  const body = json(answer);
  const listed = typeof body === 'object' && body !== null && 'failedEntries' in body && Array.isArray(body.failedEntries) ? (body.failedEntries as unknown[]) : [];
  const failed = listed.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null || !('entryId' in entry)) return [];
    const index = Number(entry.entryId);
    const error = 'error' in entry && typeof entry.error === 'string' ? entry.error : 'no reason given';
    return Number.isInteger(index) && index >= 0 && index < count ? [{ index, error }] : [];
  });
  if (failed.length === 0 || failed.length !== listed.length) throw new DaprError('publish', answer.status, body);
  return failed;
}
