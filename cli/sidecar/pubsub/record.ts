import type { KafkaRecord } from '../../kafka/record-batch.ts';
import type { CloudEvent } from './cloud-event.ts';

const EMPTY = Buffer.alloc(0);

/** A record's value; a tombstone has none. */
export function valueOf(record: KafkaRecord): Buffer {
  return record.value ?? EMPTY;
}

/** A record's metadata as Dapr's Kafka component names it; its own headers stand last and win. */
export function recordMetadata(record: KafkaRecord, { topic, partition }: { topic: string; partition: number }): Record<string, string> {
  return {
    ...(record.key && { __key: record.key.toString('utf8') }),
    __offset: String(record.offset),
    __topic: topic,
    __timestamp: String(record.timestamp),
    __partition: String(partition),
    ...Object.fromEntries(record.headers.map(({ key, value }) => [key, value?.toString('utf8') ?? ''])),
  };
}

/** A value as a CloudEvent. Throws a SyntaxError for what is no JSON object. */
export function parseEvent(value: Buffer): CloudEvent {
  const event: unknown = JSON.parse(value.toString('utf8'));
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new SyntaxError('not a JSON object');
  return event as CloudEvent;
}
