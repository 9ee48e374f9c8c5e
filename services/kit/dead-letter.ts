import { createHash } from 'node:crypto';
import type { CloudEvent } from '../contracts/cloud-event.ts';
import { deadLetterTopic } from '../contracts/names.ts';
import type { Dapr } from './dapr.ts';
import { DaprError } from './dapr-error.ts';
import { formatTraceparent, type Trace } from './trace.ts';

/** Where a delivery came from, as far as the sidecar said. */
export interface Origin {
  readonly topic: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
}

/** invalid: no CloudEvent of ours, or its data does not fit; poison: its handler refused it for good; exhausted: tried too often. */
export type DeadLetterReason = 'invalid' | 'poison' | 'exhausted';

export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** What was wrong, for a person. */
  readonly detail: string;
  readonly attempts: number;
  readonly consumer: string;
  readonly origin: Origin;
  readonly trace: Trace;
  /** What was delivered: the CloudEvent, or whatever it was. */
  readonly original: unknown;
}

const DEAD_LETTER_TYPE = 'todo.dead-letter.v1';

/** The `data` of a record on `<topic>.dlq`. `event` is the original as JSON; `bytes` (base64) instead where it was no JSON. */
export interface DeadLetterData extends Omit<DeadLetter, 'original' | 'trace'> {
  readonly trace_id: string;
  readonly dead_at: string;
  readonly event?: unknown;
  readonly bytes?: string;
}

/** Publishes to the dead-letter topic of the origin's topic. Throws DaprError: then the delivery must not be acknowledged. */
export async function publishDeadLetter(dapr: Pick<Dapr, 'publishBulk'>, letter: DeadLetter, now: Date = new Date()): Promise<void> {
  const event = deadLetterEvent(letter, now);
  const [failed] = await dapr.publishBulk(deadLetterTopic(letter.origin.topic), [{ event, key: event.partitionkey }]);
  if (failed) throw new DaprError('publish', 500, failed.error);
}

export function deadLetterEvent(letter: DeadLetter, now: Date): CloudEvent<string, DeadLetterData> {
  const { original, trace, ...rest } = letter;
  const { subject, id } = (typeof original === 'object' && original !== null ? original : {}) as { subject?: unknown; id?: unknown };
  const { topic, partition, offset } = letter.origin;
  return {
    specversion: '1.0',
    // The same at every try: a repeat can be told from a second failure.
    id: uuidOf([letter.consumer, topic, partition, offset, id]),
    source: `todo/${letter.consumer}`,
    type: DEAD_LETTER_TYPE,
    subject: typeof subject === 'string' && subject !== '' ? subject : 'unknown',
    time: now.toISOString(),
    datacontenttype: 'application/json',
    traceparent: formatTraceparent(trace),
    traceid: formatTraceparent(trace),
    partitionkey: letter.origin.key ?? (typeof subject === 'string' ? subject : 'unknown'),
    data: {
      ...rest,
      trace_id: trace.traceId,
      dead_at: now.toISOString(),
      ...(Buffer.isBuffer(original) ? { bytes: original.toString('base64') } : { event: original }),
    },
  };
}

function uuidOf(parts: readonly unknown[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  // Version 8: made from a hash of one's own (RFC 9562 §5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
