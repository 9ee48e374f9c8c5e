import { randomUUID } from 'node:crypto';
import { partitionOf, partitionOfKeyless } from '../../kafka/partitioner.ts';
import { produceRecord } from '../../kafka/produce.ts';
import type { Context } from '../context.ts';
import { cloudEventOf } from './cloud-event.ts';
import { keyKind } from './key-kind.ts';
import { topicNamed } from './select-topics.ts';
import { withCluster } from './with-cluster.ts';

export interface PublishOptions {
  topic: string;
  /** JSON text: a CloudEvent or its data. */
  text: string;
  type?: string | undefined;
  /** Record key; the event's `partitionkey`, then its `subject`, when left out. */
  key?: string | undefined;
}

export interface Published {
  topic: string;
  partition: number;
  offset: number;
  key: string | null;
  id: string;
  type: string;
}

/**
 * Publishes one CloudEvent into the partition where Dapr would put it.
 * Throws TODOCTL_EVENT_INVALID before anything is connected, TODOCTL_TOPIC_UNKNOWN, TODOCTL_KAFKA_*.
 */
export function publish(context: Context, options: PublishOptions): Promise<Published> {
  const now = context.clock.now();
  const event = cloudEventOf({ text: options.text, type: options.type, subject: keyKind(options.topic) === 'task' ? options.key : undefined }, { now, id: randomUUID() });
  const key = options.key ?? textOf(event['partitionkey']) ?? textOf(event['subject']) ?? null;
  if (key !== null) event['partitionkey'] ??= key;
  return withCluster(context, async (cluster) => {
    const count = (await topicNamed(cluster, options.topic)).partitions.length;
    const bytes = key === null ? null : Buffer.from(key);
    const partition = bytes ? partitionOf(bytes, count) : partitionOfKeyless(now, count);
    const value = Buffer.from(JSON.stringify(event));
    const headers = [{ key: 'content-type', value: Buffer.from('application/cloudevents+json') }];
    const offset = await produceRecord(cluster, { topic: options.topic, partition }, { key: bytes, value, headers, timestamp: now });
    return { topic: options.topic, partition, offset, key, id: String(event['id']), type: String(event['type']) };
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
