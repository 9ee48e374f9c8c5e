// Our clients negotiate the highest version that both sides speak; this asks in each version that is left to them.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Api } from '../../../cli/kafka/apis/api.ts';
import { apiVersions } from '../../../cli/kafka/apis/connect.ts';
import { fetch } from '../../../cli/kafka/apis/fetch.ts';
import { describeGroups, findCoordinator, listGroups, offsetFetch } from '../../../cli/kafka/apis/groups.ts';
import { EARLIEST, LATEST, listOffsets } from '../../../cli/kafka/apis/list-offsets.ts';
import { metadata } from '../../../cli/kafka/apis/metadata.ts';
import { produce } from '../../../cli/kafka/apis/produce.ts';
import { createPartitions, createTopics, deleteTopics, describeConfigs, incrementalAlterConfigs } from '../../../cli/kafka/apis/topics.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { offsetCommit } from './apis.ts';
import { batchOf, Client, recordsOf, values } from './client.ts';

export function clientVersions(name: string, start: () => Promise<{ bootstrap: string; stop(): Promise<void> }>): void {
  describe(`each version of our requests on ${name}`, () => {
    let kafka: Awaited<ReturnType<typeof start>>;
    let client: Client;
    beforeAll(async () => {
      kafka = await start();
      client = await Client.dial(kafka.bootstrap);
    });
    afterAll(async () => {
      client.close();
      await kafka.stop();
    });

    /** One case per version of `api`; those that the broker has dropped are passed over by name. */
    const each = <Q, A>(api: Api<Q, A>, run: (ask: (request: Q) => Promise<A>) => Promise<void>): void => {
      const versions = Array.from({ length: api.max - api.min + 1 }, (_, index) => api.min + index);
      it.each(versions)(`${api.name} %i`, async (version) => {
        const range = client.connection.versions.get(api.key);
        if (!range || version < range.min || version > range.max) return;
        client.connection.versions.set(api.key, { min: version, max: version });
        try {
          await run((request) => client.connection.call(api, request));
        } finally {
          client.connection.versions.set(api.key, range);
        }
      });
    };
    const fresh = (): string => `versions-${randomUUID()}`;
    const WAIT = { timeoutMs: 10_000 };

    each(apiVersions, async (ask) => {
      const { error, ranges } = await ask(null);
      expect(error).toBe(0);
      expect(ranges.get(fetch.key)?.max).toBeGreaterThanOrEqual(fetch.min);
    });

    each(metadata, async (ask) => {
      const topic = await client.newTopic(3);
      const missing = fresh();
      const { brokers, controller, topics } = await ask({ topics: [topic, missing] });
      expect(brokers.has(controller)).toBe(true);
      expect(topics.find((found) => found.name === topic)).toMatchObject({ error: 0, internal: false });
      expect(topics.find((found) => found.name === topic)?.partitions.map(({ partition, leader, error }) => ({ partition, leader, error })).sort((a, b) => a.partition - b.partition)).toEqual(
        [0, 1, 2].map((partition) => ({ partition, leader: controller, error: 0 })),
      );
      expect(topics.find((found) => found.name === missing)).toMatchObject({ error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
      expect((await ask({ topics: [] })).topics).toEqual([]);
      expect((await ask({ topics: null })).topics.map((found) => found.name)).toContain(topic);
    });

    each(produce, async (ask) => {
      const topic = await client.newTopic(2);
      const batch = batchOf(values('a', 'b'));
      // Apache Kafka answers in an order of its own.
      const both = await ask({ ...WAIT, topics: [{ topic, partitions: [{ partition: 0, batch }, { partition: 1, batch }] }] });
      expect(both.sort((a, b) => a.partition - b.partition)).toMatchObject([
        { topic, partition: 0, error: 0, baseOffset: 0 }, { topic, partition: 1, error: 0, baseOffset: 0 },
      ]);
      expect(await ask({ ...WAIT, topics: [{ topic, partitions: [{ partition: 0, batch }] }] })).toMatchObject([{ error: 0, baseOffset: 2 }]);
    });

    each(fetch, async (ask) => {
      const topic = await client.newTopic(2);
      await client.produce(topic, values('a', 'b', 'c'));
      const { error, partitions } = await ask({
        maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, partitionMaxBytes: 1 << 20, topics: [{ topic, partitions: [{ partition: 0, offset: 1 }, { partition: 1, offset: 0 }] }],
      });
      expect(error).toBe(0);
      const of = (partition: number): (typeof partitions)[0] | undefined => partitions.find((found) => found.partition === partition);
      expect(of(0)).toMatchObject({ topic, error: 0, highWatermark: 3 });
      expect((await recordsOf(of(0)?.records ?? Buffer.alloc(0))).map(({ value }) => value?.toString())).toEqual(['a', 'b', 'c']);
      expect(of(1)).toMatchObject({ topic, error: 0, highWatermark: 0, records: Buffer.alloc(0) });
      const outside = await ask({ maxWaitMs: 0, minBytes: 0, maxBytes: 1000, partitionMaxBytes: 1000, topics: [{ topic, partitions: [{ partition: 0, offset: 99 }] }] });
      expect(outside.partitions).toMatchObject([{ error: ErrorCode.OFFSET_OUT_OF_RANGE }]);
    });

    each(listOffsets, async (ask) => {
      const topic = await client.newTopic(1);
      await client.produce(topic, [{ value: Buffer.from('a'), timestamp: 1_795_000_000_000 }]);
      await client.produce(topic, [{ value: Buffer.from('b'), timestamp: 1_795_000_001_000 }]);
      const at = async (timestamp: number): Promise<unknown> => (await ask([{ topic, partitions: [{ partition: 0, timestamp }] }]))[0];
      expect(await at(EARLIEST)).toMatchObject({ topic, partition: 0, error: 0, offset: 0 });
      expect(await at(LATEST)).toMatchObject({ error: 0, offset: 2 });
      expect(await at(1_795_000_000_001)).toMatchObject({ error: 0, offset: 1, timestamp: 1_795_000_001_000 });
      expect(await at(1_795_000_002_000)).toMatchObject({ error: 0, offset: -1 });
    });

    describe('of groups', () => {
      const group = fresh();
      let topic: string;
      beforeAll(async () => {
        topic = await client.newTopic(2);
        await client.coordinated(group);
        await vi.waitFor(async () => expect(await client.connection.call(offsetCommit, { group, topic, partition: 1, offset: 7 })).toBe(0));
      });

      each(findCoordinator, async (ask) => {
        const { error, address } = await ask({ group });
        expect([error, `${address.host}:${address.port}`]).toEqual([0, kafka.bootstrap]);
      });
      each(listGroups, async (ask) => {
        const { error, groups } = await ask(null);
        expect(error).toBe(0);
        expect(groups.map((found) => found.group)).toContain(group);
      });
      each(describeGroups, async (ask) => {
        expect(await ask({ groups: [group] })).toEqual([{ error: 0, group, state: 'Empty', members: 0 }]);
      });
      each(offsetFetch, async (ask) => {
        const { error, offsets } = await ask({ group });
        expect(error).toBe(0);
        expect(offsets).toEqual([{ topic, partition: 1, offset: 7, error: 0 }]);
      });
    });

    describe('of topics', () => {
      each(createTopics, async (ask) => {
        const topic = fresh();
        const spec = { name: topic, partitions: 2, config: { 'retention.ms': '5000' } };
        expect(await ask({ topics: [spec], ...WAIT })).toMatchObject([{ topic, error: 0 }]);
        expect(await ask({ topics: [spec], ...WAIT })).toMatchObject([{ topic, error: ErrorCode.TOPIC_ALREADY_EXISTS }]);
      });
      each(createPartitions, async (ask) => {
        const topic = await client.newTopic(1);
        expect(await ask({ topics: [{ topic, partitions: 3 }], ...WAIT })).toMatchObject([{ topic, error: 0 }]);
      });
      each(describeConfigs, async (ask) => {
        const topic = await client.newTopic(1, { 'retention.ms': '5000' });
        await vi.waitFor(async () =>
          expect(await ask({ topics: [topic], keys: ['retention.ms', 'cleanup.policy'] })).toEqual([
            { topic, error: 0, message: expect.toBeOneOf([null, '']) as null, config: { 'retention.ms': '5000', 'cleanup.policy': 'delete' } },
          ]));
        expect((await ask({ topics: [topic], keys: null }))[0]?.config).toMatchObject({ 'retention.ms': '5000' });
      });
      each(incrementalAlterConfigs, async (ask) => {
        const topic = await client.newTopic(1);
        expect(await ask({ topic, config: { 'retention.ms': '6000' } })).toMatchObject([{ topic, error: 0 }]);
        expect(await ask({ topic, config: { 'retention.ms': 'soon' } })).toMatchObject([{ topic, error: ErrorCode.INVALID_CONFIG }]);
      });
      each(deleteTopics, async (ask) => {
        const topic = await client.newTopic(1);
        const missing = fresh();
        const outcomes = await ask({ topics: [topic, missing], ...WAIT });
        expect(new Map(outcomes.map((outcome) => [outcome.topic, outcome.error]))).toEqual(new Map([[topic, 0], [missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]]));
      });
    });
  });
}
