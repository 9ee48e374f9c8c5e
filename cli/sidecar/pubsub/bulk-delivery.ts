import { randomUUID } from 'node:crypto';
import type { AppClient } from '../app/app-client.ts';
import { isRecord } from '../resources/document.ts';
import { metadataHeaders } from './delivery.ts';
import type { CloudEvent } from './cloud-event.ts';

/** One record of a bulk delivery. */
export interface BulkEntry {
  entryId: string;
  event: CloudEvent | string;
  contentType: string;
  metadata: Readonly<Record<string, string>>;
}

/** What the app said of each entry: `undefined` is success, `dropped` goes to the dead-letter topic, an Error is tried again. */
export type BulkOutcome = Map<string, Error | 'dropped' | undefined>;

interface Target {
  pubsub: string;
  topic: string;
  path: string;
}

/** Posts many events in one request and reads a verdict for each (postman/http/http.go, DeliverBulk). Never rejects. */
export async function deliverBulk(entries: readonly BulkEntry[], to: Target, app: AppClient, signal?: AbortSignal): Promise<BulkOutcome> {
  const all = (outcome: Error | undefined): BulkOutcome => new Map(entries.map(({ entryId }) => [entryId, outcome]));
  const metadata = { pubsubName: to.pubsub };
  const envelope = { id: randomUUID(), type: 'com.dapr.event.sent.bulk', topic: to.topic, pubsubname: to.pubsub, metadata, entries };
  const body = Buffer.from(JSON.stringify(envelope));
  try {
    const reply = await app.send({
      method: 'POST',
      path: to.path.startsWith('/') ? to.path : `/${to.path}`,
      headers: { ...metadataHeaders(metadata), 'content-type': 'application/json', 'content-length': body.length },
      body,
      ...(signal && { signal }),
    });
    // Unlike a single delivery, a bulk one that finds no route is acknowledged and goes nowhere: so daprd does it.
    if (reply.status === 404) return all(undefined);
    if (reply.status < 200 || reply.status > 299) return all(new Error(`the app answered ${reply.status}`));
    return outcomes(entries, JSON.parse(reply.body.toString('utf8')));
  } catch (error) {
    return all(error as Error);
  }
}

function outcomes(entries: readonly BulkEntry[], reply: unknown): BulkOutcome {
  const found: BulkOutcome = new Map(entries.map(({ entryId }) => [entryId, new Error('the app said nothing of this entry')]));
  const statuses: unknown[] = isRecord(reply) && Array.isArray(reply['statuses']) ? reply['statuses'] : [];
  for (const item of statuses) {
    const { entryId, status } = isRecord(item) ? item : {};
    if (typeof entryId !== 'string' || !found.has(entryId)) continue;
    if (status === 'SUCCESS') found.set(entryId, undefined);
    else if (status === 'DROP') found.set(entryId, 'dropped');
    else found.set(entryId, new Error(status === 'RETRY' || !status ? 'the app asks to retry' : 'the app answered an unknown status'));
  }
  return found;
}
