import { connectAdmin } from '../../cli/kafka/admin.ts';
import type { KafkaAccess } from '../../cli/kafka/access.ts';
import { produce } from '../../cli/kafka/apis/produce.ts';
import { Cluster } from '../../cli/kafka/cluster.ts';
import { ends, leaderOf } from '../../cli/kafka/offsets.ts';
import { encodeBatch } from '../../cli/kafka/record-batch.ts';

export const EVENT_BYTES = 300;
const BATCH = 1000;
/** Requests under way at once; more would only fill memory. */
const IN_FLIGHT = 8;

/** Fills a new topic of a cluster of one broker with CloudEvents of 300 bytes, batch by batch round the partitions, uncompressed. */
export async function fillTopic(access: KafkaAccess, topic: string, { events, partitions }: { events: number; partitions: number }): Promise<void> {
  const admin = connectAdmin(access);
  await admin.createTopics([{ name: topic, partitions }]);
  await admin.close();
  await using cluster = new Cluster(access);
  // Offsets are answered only by a leader that knows it is one: Apache Kafka names it a moment earlier.
  await ends(cluster, Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  const leader = leaderOf(await cluster.metadata([topic]), { topic, partition: 0 });
  const connection = await cluster.broker(leader ?? 0);
  const waiting: Promise<void>[] = [];
  for (let first = 0; first < events; first += BATCH) {
    const partition = (first / BATCH) % partitions;
    const batch = encodeBatch(Array.from({ length: Math.min(BATCH, events - first) }, (_, index) => eventOf(first + index)));
    const produced = connection
      .call(produce, { timeoutMs: 30_000, topics: [{ topic, partitions: [{ partition, batch }] }] })
      .then(([answer]) => {
        if (answer?.error !== 0) throw new Error(`produce: ${JSON.stringify(answer)}`);
      });
    // The first failure is the one to hear of; those behind it only follow from it.
    produced.catch(() => undefined);
    waiting.push(produced);
    if (waiting.length >= IN_FLIGHT) await waiting.shift();
  }
  await Promise.all(waiting);
}

function eventOf(number: number): { key: Buffer; value: Buffer; timestamp: number } {
  const id = String(number).padStart(12, '0');
  const event = `{"id":"${id}","specversion":"1.0","source":"todo/task-api","type":"task.created.v1","subject":"${id}","time":"2026-11-21T10:00:00.000Z","datacontenttype":"application/json","data":{"event_type":"created","task_id":"${id}","title":"`;
  const tail = '"}}';
  return { key: Buffer.from(id), value: Buffer.from(`${event}${'x'.repeat(EVENT_BYTES - event.length - tail.length)}${tail}`), timestamp: Date.now() };
}
