import { randomUUID } from 'node:crypto';
import { isRecord } from '../resources/document.ts';
import { isBinary, isCloudEvent, isJson } from './content-type.ts';
import { goDuration } from '../resources/duration.ts';
import { parseJson } from '../precise-json.ts';

export type CloudEvent = Record<string, unknown>;

/** What the sidecar knows about a publish request. `metadata` holds the `metadata.*` query parameters or an entry's metadata. */
export interface Published {
  appId: string;
  pubsub: string;
  topic: string;
  contentType: string;
  data: Buffer;
  traceparent: string;
  metadata: Readonly<Record<string, string>>;
}

/** The instant as Go's RFC 3339 writes it: whole seconds. */
export function rfc3339(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/**
 * The CloudEvent that goes onto the topic: yours with its gaps filled, or daprd's envelope around your data
 * (components-contrib pubsub/envelope.go). Throws a SyntaxError when the type says CloudEvent and the body is no JSON.
 */
export function cloudEvent(published: Published, now: number): CloudEvent {
  const event = isCloudEvent(published.contentType) ? kept(published, now) : wrapped(published, now);
  const ttl = timeToLive(published.metadata);
  if (ttl !== undefined) event['expiration'] = rfc3339(now + ttl);
  return event;
}

function kept({ topic, pubsub, traceparent, data }: Published, now: number): CloudEvent {
  const event = parseJson(data.toString('utf8'));
  if (!isRecord(event)) throw new SyntaxError('json: cannot unmarshal value into Go value of type map[string]interface {}');
  event['time'] ??= rfc3339(now);
  if (!('traceid' in event)) {
    event['traceid'] = traceparent;
    event['traceparent'] = traceparent;
  }
  if (!('tracestate' in event)) event['tracestate'] = '';
  event['topic'] = topic;
  event['pubsubname'] = pubsub;
  event['source'] ??= 'Dapr';
  event['type'] ??= 'com.dapr.event.sent';
  event['specversion'] ??= '1.0';
  return event;
}

function wrapped({ appId, topic, pubsub, contentType, data, traceparent, metadata }: Published, now: number): CloudEvent {
  const given = overrides(metadata);
  const trace = given['traceparent'] || given['traceid'] || traceparent;
  const type = contentType || 'text/plain';
  return {
    id: given['id'] || randomUUID(),
    specversion: '1.0',
    datacontenttype: type,
    source: given['source'] || appId,
    type: given['type'] || 'com.dapr.event.sent',
    topic,
    pubsubname: pubsub,
    traceid: trace,
    traceparent: trace,
    tracestate: given['tracestate'] ?? '',
    time: rfc3339(now),
    ...(given['subject'] && { subject: given['subject'] }),
    ...payload(type, data),
  };
}

function payload(contentType: string, data: Buffer): { data: unknown } | { data_base64: string } {
  if (isBinary(contentType)) return { data_base64: data.toString('base64') };
  const text = data.toString('utf8');
  if (!isJson(contentType)) return { data: text };
  try {
    return { data: parseJson(text) };
  } catch {
    return { data: text };
  }
}

/** The `cloudevent.*` metadata, without regard to case. */
function overrides(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    if (name.startsWith('cloudevent.')) found[name.slice('cloudevent.'.length)] = value;
  }
  return found;
}

/** Milliseconds that the event may live, from `ttlInSeconds` or `ttl`; what cannot be read counts as none, as in daprd. */
function timeToLive(metadata: Readonly<Record<string, string>>): number | undefined {
  const entry = Object.entries(metadata).find(([key]) => ['ttl', 'ttlinseconds'].includes(key.toLowerCase()));
  if (!entry?.[1]) return undefined;
  if (/^\d+$/.test(entry[1])) return Number(entry[1]) > 0 ? Number(entry[1]) * 1000 : undefined;
  return goDuration(entry[1]);
}

/** Whether the event's `expiration` lies in the past. */
export function hasExpired(event: CloudEvent, now: number): boolean {
  const { expiration } = event;
  return typeof expiration === 'string' && Date.parse(expiration) < now;
}

/** The envelope that a subscription with `rawPayload: "true"` puts around whatever the record holds. */
export function fromRawPayload(data: Buffer, topic: string, pubsub: string): CloudEvent {
  return {
    id: randomUUID(),
    specversion: '1.0',
    datacontenttype: 'application/octet-stream',
    source: 'Dapr',
    type: 'com.dapr.event.sent',
    topic,
    pubsubname: pubsub,
    data_base64: data.toString('base64'),
  };
}
