import type { KafkaRecord } from '../../kafka/record-batch.ts';
import type { Claim } from '../kafka/session.ts';
import type { Subscription } from '../resources/subscription.ts';
import { withPolicy } from '../retry.ts';
import { fromRawPayload, hasExpired, type CloudEvent } from './cloud-event.ts';
import { deliver } from './delivery.ts';
import { parseEvent, recordMetadata, valueOf } from './record.ts';
import { deadLetter, type RoundOptions } from './round.ts';

/**
 * Delivers one record (pkg/runtime/subscription/subscription.go). Resolves when it may be marked as done, be it as a dead letter;
 * rejects when it failed and there is nowhere to put it, or when the claim ended before it was decided.
 */
export async function singleRound(record: KafkaRecord, claim: Claim, subscription: Subscription, options: RoundOptions): Promise<void> {
  const { inbound, clock, log } = options;
  const metadata = { ...recordMetadata(record, claim), pubsubName: subscription.pubsub };
  const value = valueOf(record);
  const bury = (): Promise<boolean> => deadLetter(value, metadata, subscription, options);
  const where = `${claim.topic}/${claim.partition}/${record.offset}`;
  let content: { event: CloudEvent; data: Buffer };
  try {
    content = readContent(value, metadata, subscription);
  } catch (error) {
    log.error(`${where} is not a CloudEvent: ${(error as Error).message}`);
    if (await bury()) return;
    throw error;
  }
  if (hasExpired(content.event, clock.now())) {
    log.warn(`dropping ${where}: it has expired`);
    await bury();
    return;
  }
  try {
    const attempt = (deadline?: AbortSignal): Promise<'success' | 'dropped'> => deliver({ path: subscription.path, metadata, ...content }, options, deadline);
    if ((await withPolicy(inbound, attempt, { clock, stop: claim.stop })) === 'success') return;
    log.warn(`the app dropped ${where}`);
    await bury();
  } catch (error) {
    if (claim.stop.aborted || !(await bury())) throw error;
    log.warn(`gave up on ${where}: ${(error as Error).message}`);
  }
}

/** The event in a record, and the bytes to deliver: those of the record, untouched, where they are an event. */
function readContent(value: Buffer, metadata: Readonly<Record<string, string>>, { pubsub, topic, rawPayload }: Subscription): { event: CloudEvent; data: Buffer } {
  if (rawPayload) {
    const event = fromRawPayload(value, topic, pubsub);
    return { event, data: Buffer.from(JSON.stringify(event)) };
  }
  const event = parseEvent(value);
  // An event without trace context takes that of its record's headers.
  const traceparent = metadata['traceparent'];
  return { event: traceparent === undefined || 'traceparent' in event ? event : { ...event, traceparent }, data: value };
}
