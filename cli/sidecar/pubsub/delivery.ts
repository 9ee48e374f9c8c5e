import type { AppClient } from '../app/app-client.ts';
import { StatusError } from '../retry.ts';
import { childSpan } from '../trace.ts';
import type { CloudEvent } from './cloud-event.ts';

/** What became of a delivery that need not be tried again. */
export type Verdict = 'success' | 'dropped';

export interface Delivery {
  path: string;
  event: CloudEvent;
  /** The record's value as it came, or the envelope made around it. */
  data: Buffer;
  /** Becomes HTTP headers. */
  metadata: Readonly<Record<string, string>>;
}

interface Options {
  app: AppClient;
  tracing: boolean;
}

// pkg/messaging/v1/util.go, InternalMetadataToHTTPHeader: what never becomes a header of a delivery.
const NEVER_HEADERS = ['content-type', 'content-length', 'destination-app-id', 'traceparent', 'tracestate', 'grpc-trace-bin', 'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Metadata as HTTP headers: lower case, values as UTF-8 bytes, as Go writes them. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    const key = name.toLowerCase();
    if (!NEVER_HEADERS.includes(key) && !key.endsWith('-bin')) headers[key] = Buffer.from(value).toString('latin1');
  }
  return headers;
}

/**
 * Posts one event to the app and reads its verdict (pkg/runtime/subscription/postman/http/http.go, Deliver).
 * Rejects with a failure that is worth another attempt; a StatusError when the app answered one.
 */
export async function deliver({ path, event, data, metadata }: Delivery, { app, tracing }: Options, signal?: AbortSignal): Promise<Verdict> {
  const parent = event['traceparent'] ?? event['traceid'];
  const tracestate = event['tracestate'];
  const { status, body } = await app.send({
    method: 'POST',
    path: path.startsWith('/') ? path : `/${path}`,
    headers: {
      ...metadataHeaders(metadata),
      'content-type': 'application/cloudevents+json',
      'content-length': data.length,
      traceparent: childSpan(typeof parent === 'string' ? parent : undefined, tracing),
      ...(typeof tracestate === 'string' && tracestate !== '' && { tracestate }),
    },
    body: data,
    ...(signal && { signal }),
  });
  const id = String(event['id']);
  if (status === 404) return 'dropped';
  if (status < 200 || status > 299) throw new StatusError(status, `the app answered ${status} to event ${id}: ${body.toString('utf8', 0, 500)}`);
  return verdict(body, id);
}

function verdict(body: Buffer, id: string): Verdict {
  switch (statusOf(body)) {
    case undefined:
    case '':
    case 'SUCCESS':
      return 'success';
    case 'DROP':
      return 'dropped';
    case 'RETRY':
      throw new Error(`the app asks to retry event ${id}`);
    default:
      throw new Error(`the app answered event ${id} with an unknown status`);
  }
}

/** The `status` of a reply; undefined when it does not read as JSON with one: that counts as success. */
function statusOf(body: Buffer): string | undefined {
  try {
    const reply = JSON.parse(body.toString('utf8')) as { status?: unknown } | null;
    return typeof reply?.status === 'string' ? reply.status : undefined;
  } catch {
    return undefined;
  }
}
