// What doctor asks of Kafka itself, on the embedded broker.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectAdmin } from '../../../../../cli/kafka/admin.ts';
import { Cluster } from '../../../../../cli/kafka/cluster.ts';
import { produceRecord } from '../../../../../cli/kafka/produce.ts';
import { eventsNotFlowing } from '../../../../../cli/targets/cluster/diagnose/events.ts';
import type { Around } from '../../../../../cli/targets/cluster/diagnose/check.ts';
import { offsetCommit } from '../../../../contract/kafka/apis.ts';
import { Client, tcpAccess } from '../../../../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../../../../contract/kafka/embedded.ts';

let kafka: EmbeddedKafka;
beforeAll(async () => {
  kafka = await startEmbedded();
  await using access = tcpAccess(kafka.bootstrap);
  const admin = connectAdmin(access);
  await admin.createTopics(['task-events', 'task-events.dlq', 'task-updates.dlq'].map((name) => ({ name, partitions: 2 })));
  await admin.close();
});
afterAll(() => kafka.stop());

/** Findings of one check. */
const found = (title: string): Promise<readonly string[] | undefined> => {
  const check = eventsNotFlowing.checks.find((one) => one.title === title);
  return Promise.resolve(check?.look({ kafka: async () => tcpAccess(kafka.bootstrap) } as unknown as Around));
};

test('no dead letters and no groups are nothing wrong', async () => {
  expect([await found('No event was given up'), await found('Every consumer is connected')]).toEqual([[], []]);
});

test('dead letters are counted over partitions, topic by topic', async () => {
  await using access = tcpAccess(kafka.bootstrap);
  await using cluster = new Cluster(access);
  for (const [topic, partition] of [['task-events', 0], ['task-events.dlq', 0], ['task-events.dlq', 1], ['task-updates.dlq', 1]] as const) await produceRecord(cluster, { topic, partition }, { key: null, value: Buffer.from('x'), timestamp: Date.now() });
  expect(await found('No event was given up')).toEqual(['task-events.dlq holds 2 events', 'task-updates.dlq holds 1 event']);
});

test('a group that has read and that nobody reads for any more, but not one of a replica that has gone', async () => {
  const client = await Client.dial(kafka.bootstrap);
  try {
    for (const group of ['audit', 'realtime-6bd9f7c5d4-x2k9p']) {
      await client.coordinated(group);
      await vi.waitFor(async () => expect(await client.connection.call(offsetCommit, { group, topic: 'task-events', partition: 0, offset: 1 })).toBe(0), 30_000);
    }
  } finally {
    client.close();
  }
  expect(await found('Every consumer is connected')).toEqual(['nobody reads for the group audit']);
});
