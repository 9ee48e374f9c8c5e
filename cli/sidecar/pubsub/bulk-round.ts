import type { KafkaRecord } from '../../kafka/record-batch.ts';
import type { Claim } from '../kafka/session.ts';
import type { Subscription } from '../resources/subscription.ts';
import { withPolicy } from '../retry.ts';
import { deliverBulk, type BulkEntry } from './bulk-delivery.ts';
import { hasExpired } from './cloud-event.ts';
import { parseEvent, recordMetadata, valueOf } from './record.ts';
import { deadLetter, type RoundOptions } from './round.ts';

interface Item {
  record: KafkaRecord;
  metadata: Record<string, string>;
  /** What is delivered; an Error when it is no CloudEvent, `expired` when nobody wants it any more. */
  entry: BulkEntry | Error | 'expired';
}

/**
 * Delivers many records in one request; resolves when all of them may be marked as done (pkg/runtime/subscription/bulksubscription.go).
 * Under the inbound policy only failed entries are sent again; what still fails becomes a dead letter. Without a dead-letter topic it
 * marks what stands before the first failure and rejects.
 */
export async function bulkRound(records: readonly KafkaRecord[], claim: Claim, subscription: Subscription, options: RoundOptions): Promise<void> {
  const { app, inbound, clock } = options;
  const items = records.map((record, index) => readItem(record, index, claim, subscription, clock.now()));
  const bury = async (index: number): Promise<boolean> => {
    const item = items[index];
    return item !== undefined && (await deadLetter(valueOf(item.record), item.metadata, subscription, options));
  };
  const failures = new Map<number, Error>();
  let waiting: BulkEntry[] = [];
  for (const [index, { entry }] of items.entries()) {
    if (entry instanceof Error) failures.set(index, entry);
    else if (entry === 'expired') await bury(index);
    else waiting.push(entry);
  }
  const attempt = async (deadline?: AbortSignal): Promise<void> => {
    for (const [entryId, outcome] of await deliverBulk(waiting, subscription, app, deadline)) {
      const index = Number(entryId);
      if (outcome instanceof Error) failures.set(index, outcome);
      else failures.delete(index);
      if (outcome === 'dropped') await bury(index);
    }
    waiting = waiting.filter(({ entryId }) => failures.has(Number(entryId)));
    const [first] = waiting;
    if (first) throw failures.get(Number(first.entryId)) as Error;
  };
  // Its failures are in the map already, entry by entry.
  if (waiting.length > 0) await withPolicy(inbound, attempt, { clock, stop: claim.stop }).catch(() => undefined);
  for (const index of [...failures.keys()].sort((a, b) => a - b)) {
    if (!claim.stop.aborted && (await bury(index))) continue;
    const before = items[index - 1];
    if (before) claim.mark(before.record);
    throw failures.get(index) as Error;
  }
}

function readItem(record: KafkaRecord, index: number, claim: Claim, { rawPayload }: Subscription, now: number): Item {
  const metadata = recordMetadata(record, claim);
  const entryId = String(index);
  const value = valueOf(record);
  if (rawPayload) return { record, metadata, entry: { entryId, event: value.toString('base64'), contentType: 'application/octet-stream', metadata } };
  try {
    const event = parseEvent(value);
    return { record, metadata, entry: hasExpired(event, now) ? 'expired' : { entryId, event, contentType: 'application/cloudevents+json', metadata } };
  } catch (error) {
    return { record, metadata, entry: error as Error };
  }
}
