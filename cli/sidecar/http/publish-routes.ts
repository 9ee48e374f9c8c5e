import type { Clock } from '../../io/clock.ts';
import { parseJson } from '../precise-json.ts';
import { cloudEvent } from '../pubsub/cloud-event.ts';
import { isBinary, isCloudEvent, isJson, isText } from '../pubsub/content-type.ts';
import { badMetadata, bulkEntryId, bulkEvent, bulkUnreadable, cannotCreateEvent, publishFailed, topicEmpty } from '../pubsub/errors.ts';
import type { OutgoingMessage, Publisher } from '../pubsub/publisher.ts';
import { isRecord, scalar } from '../resources/document.ts';
import { childSpan } from '../trace.ts';
import { EMPTY, json, type Answer, type Exchange } from './exchange.ts';
import type { Route } from './router.ts';

interface Options {
  appId: string;
  publisher: Publisher;
  tracing: boolean;
  clock: Clock;
}

interface Target {
  pubsub: string;
  topic: string;
  metadata: Record<string, string>;
  raw: boolean;
}

const VERBS = ['POST', 'PUT'];
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** The publish API of one app (pkg/api/http/http.go, onPublish and onBulkPublish). */
export function publishRoutes({ appId, publisher, tracing, clock }: Options): Route[] {
  return [
    { methods: VERBS, path: '/v1.0/publish/bulk/{pubsub}/*', handler: bulk },
    { methods: VERBS, path: '/v1.0-alpha1/publish/bulk/{pubsub}/*', handler: bulk },
    { methods: VERBS, path: '/v1.0/publish/{pubsub}/*', handler: one },
  ];

  function target(exchange: Exchange): Target {
    const pubsub = exchange.params['pubsub'] ?? '';
    const topic = exchange.params['*'] ?? '';
    const metadata = exchange.metadata();
    publisher.component(pubsub, metadata);
    if (topic === '') throw topicEmpty(pubsub, metadata);
    const raw = metadata['rawPayload'] || 'false';
    if (!TRUE.includes(raw) && !FALSE.includes(raw)) {
      throw badMetadata(pubsub, metadata, `rawPayload value must be a valid boolean: actual is '${raw}'`);
    }
    return { pubsub, topic, metadata, raw: TRUE.includes(raw) };
  }

  /** The bytes that go onto the topic. */
  function value(to: Target, contentType: string, data: Buffer, metadata: Record<string, string>, parent: string | undefined): Buffer {
    if (to.raw) return data;
    const { pubsub, topic } = to;
    const traceparent = childSpan(parent, tracing);
    try {
      return Buffer.from(JSON.stringify(cloudEvent({ appId, pubsub, topic, contentType, data, traceparent, metadata }, clock.now())));
    } catch (error) {
      throw cannotCreateEvent(pubsub, appId, (error as Error).message);
    }
  }

  async function one(exchange: Exchange): Promise<Answer> {
    const to = target(exchange);
    const body = await exchange.body().catch((error: unknown) => {
      throw publishFailed(to.pubsub, to.topic, (error as Error).message);
    });
    const message = value(to, exchange.headers['content-type'] ?? '', body, to.metadata, parentOf(exchange));
    await publisher.publish(to.pubsub, to.topic, { value: message, metadata: to.metadata });
    return EMPTY;
  }

  async function bulk(exchange: Exchange): Promise<Answer> {
    const to = target(exchange);
    const entries = await readEntries(exchange, to);
    const ids = new Set<string>();
    const messages = entries.map(({ entryId, data, contentType, metadata }): OutgoingMessage => {
      if (entryId === '' || ids.has(entryId)) throw bulkEntryId(to.pubsub, to.topic, appId);
      ids.add(entryId);
      const bytes = value(to, contentType, data, metadata ? { ...to.metadata, ...metadata } : {}, parentOf(exchange));
      // On the record the request's metadata wins over the entry's, in the event the entry's does: so it is in daprd.
      return { value: bytes, metadata: { ...metadata, ...to.metadata } };
    });
    const failures = await publisher.publishAll(to.pubsub, to.topic, messages);
    if (failures.size === 0) return EMPTY;
    const failedEntries = [...failures].map(([index, error]) => ({ entryId: entries[index]?.entryId, error: error.message }));
    return json(500, { failedEntries, errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE' });
  }

  async function readEntries(exchange: Exchange, { pubsub, topic }: Target): Promise<Entry[]> {
    let body: unknown;
    try {
      body = parseJson((await exchange.body()).toString('utf8'));
    } catch (error) {
      throw bulkUnreadable(pubsub, topic, appId, (error as Error).message);
    }
    if (!Array.isArray(body)) throw bulkUnreadable(pubsub, topic, appId, 'json: cannot unmarshal value into Go value of type []http.bulkPublishMessageEntry');
    return body.map((item) => {
      const entry = isRecord(item) ? item : {};
      const contentType = scalar(entry['contentType']) ?? '';
      const data = eventBytes(entry['event'], contentType);
      if (!data) throw bulkEvent(pubsub, topic, appId, 'error: mismatch between contentType and event');
      const metadata = isRecord(entry['metadata']) ? strings(entry['metadata']) : undefined;
      return { entryId: scalar(entry['entryId']) ?? '', data, contentType, metadata };
    });
  }
}

interface Entry {
  entryId: string;
  data: Buffer;
  contentType: string;
  metadata: Record<string, string> | undefined;
}

/** An entry's event as bytes (pkg/api/http/util.go); undefined when it does not fit its content type. */
function eventBytes(event: unknown, contentType: string): Buffer | undefined {
  if (isBinary(contentType)) return typeof event === 'string' ? Buffer.from(event, 'base64') : undefined;
  if (isText(contentType)) return typeof event === 'string' ? Buffer.from(event) : undefined;
  if (isJson(contentType) || isCloudEvent(contentType)) return Buffer.from(JSON.stringify(event ?? null));
  return undefined;
}

function strings(record: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).flatMap(([key, value]) => {
    const text = scalar(value);
    return text === undefined ? [] : [[key, text]];
  }));
}

function parentOf({ headers }: Exchange): string | undefined {
  const parent = headers['traceparent'];
  return Array.isArray(parent) ? parent[0] : parent;
}
