import type { IncomingHttpHeaders } from 'node:http';
import type { Origin } from './dead-letter.ts';

/** One event as the sidecar handed it over, alone or in a bulk. */
export interface RawDelivery {
  /** The entry's id in a bulk; undefined when it came alone. */
  readonly entryId?: string;
  /** Parsed JSON, or the bytes where they are none. */
  readonly body: unknown;
  readonly origin: Origin;
  readonly traceparent?: string;
}

const BULK_TYPE = 'com.dapr.event.sent.bulk';

/**
 * Reads a delivery's body: `{entries: […]}` is a bulk. Broker metadata come as headers (alone) or per entry (bulk): `__key`,
 * `__partition`, `__offset`; a name's case is the sidecar's choice.
 */
export function readDelivery(topic: string, headers: IncomingHttpHeaders, bytes: Buffer): { bulk: boolean; deliveries: RawDelivery[] } {
  const body = parse(bytes);
  if (!isBulk(body)) return { bulk: false, deliveries: [toDelivery(topic, body, metadataOf(headers), headers['traceparent'])] };
  const deliveries = body.entries.map((entry) => {
    const { entryId, event, metadata } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    const about = metadataOf((metadata ?? {}) as Record<string, unknown>);
    // An event that is no JSON comes as base64 text; it is invalid either way.
    return { ...toDelivery(topic, event, about, about['traceparent']), entryId: String(entryId) };
  });
  return { bulk: true, deliveries };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return bytes;
  }
}

function isBulk(body: unknown): body is { entries: unknown[] } {
  if (typeof body !== 'object' || body === null || !('entries' in body) || !Array.isArray(body.entries)) return false;
  return !('specversion' in body) || (body as { type?: unknown }).type === BULK_TYPE;
}

function metadataOf(from: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(from).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
}

function toDelivery(topic: string, body: unknown, metadata: Record<string, string>, traceparent: unknown): RawDelivery {
  const key = metadata['__key'];
  const origin = { topic, ...numberField('partition', metadata['__partition']), ...numberField('offset', metadata['__offset']), ...(key === undefined ? {} : { key }) };
  return { body, origin, ...(typeof traceparent === 'string' ? { traceparent } : {}) };
}

function numberField(name: 'partition' | 'offset', text: string | undefined): Record<string, number> {
  return text !== undefined && /^\d{1,15}$/.test(text) ? { [name]: Number(text) } : {};
}
