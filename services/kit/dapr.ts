import type { CloudEvent } from './cloud-event.ts';
import type { Trace } from './trace.ts';

/** The sidecar or what it asked refused or was away. `status` is 0 when there was no answer. */
export class DaprError extends Error {
  override readonly name = 'DaprError';
  readonly status: number;
  /** Dapr's `errorCode`, e.g. ERR_PUBSUB_NOT_FOUND; '' where there is none. */
  readonly code: string;
  readonly body: unknown;

  constructor(operation: string, status: number, body: unknown, cause?: unknown) {
    const code = errorCode(body);
    super(`${operation}: ${status === 0 ? 'no answer from the sidecar' : `status ${status}`}${code ? ` ${code}` : ''}`, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

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

/** The building blocks of Dapr that services use. Every failure is a DaprError, never a returned `{error}`. */
export interface Dapr {
  /** Publishes a CloudEvent as it is; `key` decides the partition. */
  publish(topic: string, event: CloudEvent, options: { key: string }): Promise<void>;
  /** Publishes many; resolves with the entries that failed (index and reason), throws DaprError when the whole call did. */
  publishBulk(topic: string, entries: readonly BulkEntry[], signal?: AbortSignal): Promise<{ index: number; error: string }[]>;
  /** Calls another service by its app id; resolves with the JSON it answered (undefined for none) on 2xx. */
  invoke(appId: string, path: string, options?: InvokeOptions): Promise<unknown>;
  /** undefined when there is no such key. */
  getState(store: string, key: string): Promise<{ value: unknown; etag: string } | undefined>;
  /** With `etag`: only if unchanged; with `create`: only if absent; resolves false when that is not so. */
  setState(store: string, key: string, value: unknown, options?: { etag?: string; create?: boolean; ttlSeconds?: number }): Promise<boolean>;
  /** False when `etag` no longer fits. */
  deleteState(store: string, key: string, options?: { etag?: string }): Promise<boolean>;
  secret(store: string, key: string): Promise<Record<string, string>>;
  /** Throws unless the sidecar can be used (/v1.0/healthz/outbound). */
  ping(): Promise<void>;
  close(): Promise<void>;
}

function errorCode(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('errorCode' in body)) return '';
  return typeof body.errorCode === 'string' ? body.errorCode : '';
}
