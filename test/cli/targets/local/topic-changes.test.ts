import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Topic } from '../../../../cli/definition/platform.ts';
import type { Admin, TopicInfo } from '../../../../cli/kafka/admin.ts';
import { changeTopics, compareTopics } from '../../../../cli/targets/local/topic-changes.ts';

const topic = (name: string, partitions = 3, retentionMs = 1000): Topic => ({ name, key: 'task', partitions, retentionMs });
const found = (name: string, partitions = 3, retentionMs?: number): TopicInfo => ({ name, partitions, internal: false, ...(retentionMs === undefined ? {} : { retentionMs }) });

test('a topic that is missing is created with its retention, and with the brokers\' own number of copies', () => {
  const { create, told } = compareTopics([{ ...topic('a'), retentionBytes: 5 }], []);
  expect(create).toEqual([{ name: 'a', partitions: 3, replication: -1, config: { 'retention.ms': '1000', 'retention.bytes': '5' } }]);
  expect(told).toEqual([{ what: 'a', to: '3 partitions' }]);
});

test('a topic that differs is changed where Kafka can', () => {
  const { create, grow, retain, told } = compareTopics([topic('a', 5, 2000)], [found('a', 3, 1000)]);
  expect({ create, grow, retain }).toEqual({ create: [], grow: [{ topic: 'a', partitions: 5 }], retain: [{ topic: 'a', retentionMs: 2000 }] });
  expect(told).toEqual([{ what: 'a partitions', from: '3', to: '5' }, { what: 'a retention.ms', from: '1000', to: '2000' }]);
});

test('fewer partitions cannot be had', () => {
  expect(() => compareTopics([topic('a', 2)], [found('a', 3, 1000)])).toThrow(expect.objectContaining({ code: 'TODOCTL_TOPIC_SHRINK', message: 'a has 3 partitions, todoctl.yaml says 2' }) as Error);
});

test('what we may not see we do not set; what we did not declare is not ours', () => {
  expect(compareTopics([topic('a')], [found('a'), found('others', 50, 5)]).told).toEqual([]);
});

test('after the changes there is nothing left to change', async () => {
  const spec = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), partitions: fc.integer({ min: 3, max: 6 }), retentionMs: fc.constantFrom(1000, 2000) });
  const wanted = fc.uniqueArray(spec, { selector: ({ name }) => name }).map((all) => all.map(({ name, partitions, retentionMs }) => topic(name, partitions, retentionMs)));
  const there = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), partitions: fc.constant(3), retentionMs: fc.constantFrom(1000, 2000) }), { selector: ({ name }) => name });
  await fc.assert(
    fc.asyncProperty(wanted, there, async (topics, before) => {
      const cluster = new Map<string, TopicInfo>(before.map((one) => [one.name, { ...one, internal: false }]));
      await changeTopics(adminOf(cluster), compareTopics(topics, [...cluster.values()]));
      expect(compareTopics(topics, [...cluster.values()]).told).toEqual([]);
    }),
  );
});

/** A cluster as a map: all that an Admin does to topics. */
function adminOf(cluster: Map<string, TopicInfo>): Admin {
  const change = (name: string, change: Partial<TopicInfo>): void => void cluster.set(name, { ...(cluster.get(name) as TopicInfo), ...change });
  return {
    topics: async () => [...cluster.values()],
    createTopics: async (specs) => {
      for (const { name, partitions, config } of specs) cluster.set(name, { name, partitions, internal: false, retentionMs: Number(config?.['retention.ms']) });
    },
    createPartitions: async (name, partitions) => change(name, { partitions }),
    setRetention: async (name, retentionMs) => change(name, { retentionMs }),
    deleteTopics: async () => undefined,
    close: async () => undefined,
  };
}
