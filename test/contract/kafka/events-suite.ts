// What the events commands and the admin do on a Kafka that runs: the same for the embedded broker and for Apache Kafka.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import type { KafkaAccess } from '../../../cli/kafka/access.ts';
import { type Admin, connectAdmin } from '../../../cli/kafka/admin.ts';
import { CODECS } from '../../../cli/kafka/compression.ts';
import { lag } from '../../../cli/operations/events/lag.ts';
import { publish } from '../../../cli/operations/events/publish.ts';
import { tail } from '../../../cli/operations/events/tail.ts';
import { topics } from '../../../cli/operations/events/topics.ts';
import { stageOn, tailed } from '../../cli/operations/events/stage.ts';
import { offsetCommit } from './apis.ts';
import { Client, codecNamed, tcpAccess, values } from './client.ts';

export interface EventsKafka {
  bootstrap: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const RETENTION_MS = 7 * 86_400_000;
const NEVER_MS = 30_000;

const refusal = async (asked: Promise<unknown>): Promise<TodoctlError> => {
  const error = await asked.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(TodoctlError);
  return error as TodoctlError;
};

export function eventsContract(name: string, start: () => Promise<EventsKafka>): void {
  describe(`events on ${name}`, () => {
    let kafka: EventsKafka;
    let client: Client;
    let access: KafkaAccess;
    let admin: Admin;
    beforeAll(async () => {
      kafka = await start();
      access = tcpAccess(kafka.bootstrap);
      client = await Client.dial(kafka.bootstrap);
      admin = connectAdmin(access);
    });
    afterAll(async () => {
      await admin.close();
      client.close();
      await kafka.stop();
    });

    const fresh = (): string => `events-${randomUUID()}`;
    const made = async (partitions = 1, config: Record<string, string> = {}): Promise<string> => client.newTopic(partitions, config);
    const lines = (text: string): string[] => text.split('\n').filter(Boolean);

    describe('admin', () => {
      it('makes topics with their settings, once, however often it is asked', async () => {
        const topic = fresh();
        const spec = { name: topic, partitions: 3, config: { 'retention.ms': String(RETENTION_MS) } };
        await admin.createTopics([spec]);
        await admin.createTopics([spec, { name: `${topic}.dlq`, partitions: 1 }]);
        await vi.waitFor(async () => {
          const found = (await admin.topics()).filter((info) => info.name.startsWith(topic));
          expect(found).toMatchObject([{ name: topic, partitions: 3, retentionMs: RETENTION_MS, internal: false }, { name: `${topic}.dlq`, partitions: 1 }]);
        });
      });

      it('adds partitions, and cannot take them away', async () => {
        const topic = await made(1);
        await admin.createPartitions(topic, 4);
        await vi.waitFor(async () => expect((await admin.topics()).find((info) => info.name === topic)).toMatchObject({ partitions: 4 }));
        expect(await refusal(admin.createPartitions(topic, 2))).toMatchObject({ code: 'TODOCTL_KAFKA_REFUSED', message: expect.stringContaining('INVALID_PARTITIONS') as string });
      });

      it('changes retention and leaves the other settings', async () => {
        const topic = await made(1, { 'max.message.bytes': '1000', 'retention.ms': '1000' });
        await admin.setRetention(topic, RETENTION_MS);
        await vi.waitFor(async () => expect((await admin.topics()).find((info) => info.name === topic)).toMatchObject({ retentionMs: RETENTION_MS }));
        const large = publish(stageOn(access).context, { topic, text: JSON.stringify('x'.repeat(2000)), type: 'x.v1' });
        expect((await refusal(large)).message).toContain('MESSAGE_TOO_LARGE');
      });

      it('deletes topics, and does not mind those that are gone', async () => {
        const topic = await made(1);
        await admin.deleteTopics([topic]);
        await admin.deleteTopics([topic]);
        await vi.waitFor(async () => expect((await admin.topics()).some((info) => info.name === topic)).toBe(false));
      });

      it('is told why Kafka refuses', async () => {
        const error = await refusal(admin.createTopics([{ name: 'not a name', partitions: 1 }]));
        expect(error).toMatchObject({ code: 'TODOCTL_KAFKA_REFUSED', message: expect.stringContaining('create topic not a name: INVALID_TOPIC_EXCEPTION') as string });
      });
    });

    describe('publish and tail', () => {
      it('an event comes back as it was sent, from the partition of its key', async () => {
        const topic = await made(3);
        const { context } = stageOn(access);
        const sent = await publish(context, { topic, text: '{"title":"milk"}', type: 'task.created.v1', key: 'k1' });
        expect(sent).toMatchObject({ topic, partition: 1, offset: 0, key: 'k1', type: 'task.created.v1' });
        const { stdout, result } = await tailed(access, { topics: [topic], format: 'json', key: 'k1' });
        expect(result).toEqual({ seen: 1, ended: 'end' });
        expect(JSON.parse(stdout)).toMatchObject({
          topic, partition: 1, offset: 0, key: 'k1', kind: 'json', headers: { 'content-type': 'application/cloudevents+json' },
          value: { id: sent.id, specversion: '1.0', source: 'todo/todoctl', type: 'task.created.v1', partitionkey: 'k1', data: { title: 'milk' } },
        });
      });

      it('is not published to a topic that is not there; the nearest is offered', async () => {
        const topic = await made(1);
        const error = await refusal(publish(stageOn(access).context, { topic: `${topic}x`, text: '{}', type: 'x.v1' }));
        expect(error).toMatchObject({ code: 'TODOCTL_TOPIC_UNKNOWN', message: expect.stringContaining(`Did you mean ${topic}?`) as string });
      });

      it('that is larger than the topic takes is refused with Kafka’s reason', async () => {
        const topic = await made(1, { 'max.message.bytes': '1000' });
        const error = await refusal(publish(stageOn(access).context, { topic, text: JSON.stringify('x'.repeat(2000)), type: 'x.v1' }));
        expect(error).toMatchObject({ code: 'TODOCTL_KAFKA_REFUSED', message: expect.stringContaining('MESSAGE_TOO_LARGE') as string });
      });
    });

    describe('tail', () => {
      it.each(CODECS)('reads %s, raw and by objects', async (codec) => {
        const topic = await made(1);
        const texts = Array.from({ length: 300 }, (_, number) => `{"n":${number}}`);
        await client.produce(topic, values(...texts), { codec: await codecNamed(codec) });
        expect(lines((await tailed(access, { topics: [topic], format: 'raw' })).stdout)).toEqual(texts);
        expect(lines((await tailed(access, { topics: [topic], format: '%v' })).stdout)).toEqual(texts);
      });

      it('shows tombstones, headers, binary values and records without a key', async () => {
        const topic = await made(1);
        await client.produce(topic, [
          { key: Buffer.from('k'), value: null },
          { value: Buffer.from([0xff, 0x00]), headers: [{ key: 'reason', value: Buffer.from('timeout') }, { key: 'none', value: null }] },
        ]);
        const { stdout } = await tailed(access, { topics: [topic], format: 'json' });
        expect(lines(stdout).map((line) => JSON.parse(line) as unknown)).toMatchObject([
          { key: 'k', kind: 'tombstone', value: null, headers: {} },
          { key: null, kind: 'binary', value: { base64: '/wA=' }, headers: { reason: 'timeout', none: null } },
        ]);
      });

      it('stops at the ends that partitions had at its start', async () => {
        const topic = await made(2);
        await client.produce(topic, values('a', 'b'));
        await client.produce(topic, values('c'), { partition: 1 });
        const { stdout, result } = await tailed(access, { topics: [topic], format: '%p@%o %v' });
        expect(lines(stdout).sort()).toEqual(['0@0 a', '0@1 b', '1@0 c']);
        expect(result).toEqual({ seen: 3, ended: 'end' });
      });

      it('finds windows of time', async () => {
        const topic = await made(1);
        const day = Date.parse('2026-11-20T00:00:00Z');
        for (const hour of [1, 2, 3, 4]) await client.produce(topic, [{ value: Buffer.from(`h${hour}`), timestamp: day + hour * 3_600_000 }]);
        const window = async (since?: string, until?: string): Promise<string[]> =>
          lines((await tailed(access, { topics: [topic], format: '%v', since, until }, { now: Date.parse('2026-11-21T00:00:00Z') })).stdout);
        expect(await window('2026-11-20T02:00Z')).toEqual(['h2', 'h3', 'h4']);
        expect(await window('2026-11-20T02:00:00.001Z', '2026-11-20T04:00Z')).toEqual(['h3']);
        expect(await window(undefined, '2026-11-20T01:00Z')).toEqual([]);
        expect(await window('20h30m')).toEqual(['h4']);
        expect(await window('1h')).toEqual([]);
      });

      it('counts the last N over partitions', async () => {
        const topic = await made(2);
        for (const [index, partition] of [0, 1, 1, 0, 1].entries()) await client.produce(topic, [{ value: Buffer.from(`v${index}`), timestamp: Date.now() + index }], { partition });
        expect(lines((await tailed(access, { topics: [topic], format: '%v', last: 3 })).stdout)).toEqual(['v2', 'v3', 'v4']);
      });

      it('follows over a restart of the broker without losing or repeating one', async () => {
        const topic = await made(1);
        await client.produce(topic, values('before'));
        const { context, printed, stop } = stageOn(access);
        const notices: string[] = [];
        const following = tail(context, { topics: [topic], follow: true, from: 'beginning', format: '%o %v' }, ({ kind }) => notices.push(kind));
        await vi.waitFor(() => expect(printed()).toBe('0 before\n'), NEVER_MS);
        client.close();
        await kafka.restart();
        client = await Client.dial(kafka.bootstrap);
        await client.hasLeaders(topic, 1);
        await client.produce(topic, values('after'));
        await vi.waitFor(() => expect(printed()).toBe('0 before\n1 after\n'), NEVER_MS);
        stop.abort();
        expect(await following).toEqual({ seen: 2, ended: 'interrupted' });
        expect(notices.filter((kind) => kind !== 'reading')).toEqual(['lost', 'back']);
      });

      it('finds a topic that is made meanwhile', async () => {
        const prefix = fresh();
        const { context, printed, stop } = stageOn(access);
        const following = tail(context, { topics: [`${prefix}*`], follow: true, format: '%v' }, () => undefined);
        await admin.createTopics([{ name: `${prefix}-a`, partitions: 1 }]);
        await client.hasLeaders(`${prefix}-a`, 1);
        await client.produce(`${prefix}-a`, values('first'));
        await vi.waitFor(() => expect(printed()).toBe('first\n'), NEVER_MS);
        stop.abort();
        await following;
      });
    });

    describe('topics and lag', () => {
      it('say what is in a topic, who reads it and how far', async () => {
        const topic = await made(2, { 'retention.ms': String(RETENTION_MS) });
        await client.produce(topic, values('a', 'b', 'c'));
        await client.produce(topic, values('d'), { partition: 1 });
        const group = `group-${randomUUID()}`;
        await client.coordinated(group);
        await vi.waitFor(async () => expect(await client.connection.call(offsetCommit, { group, topic, partition: 0, offset: 1 })).toBe(0));
        const { context } = stageOn(access);
        expect((await topics(context, { internal: false })).find((row) => row.topic === topic)).toEqual({
          topic, partitions: 2, key: null, retentionMs: RETENTION_MS, messages: 4, groups: [group],
        });
        expect(await lag(context, { groups: [group] })).toEqual({
          total: 2,
          groups: [{ group, topic, state: 'Empty', members: 0, lag: 2, partitions: [{ partition: 0, committed: 1, end: 3, lag: 2 }] }],
        });
        expect((await lag(context, { groups: [] })).groups.map((row) => row.group)).toContain(group);
      });

      it('an unknown group is refused with the nearest one', async () => {
        const group = `group-${randomUUID()}`;
        const topic = await made(1);
        await client.coordinated(group);
        await vi.waitFor(async () => expect(await client.connection.call(offsetCommit, { group, topic, partition: 0, offset: 0 })).toBe(0));
        const error = await refusal(lag(stageOn(access).context, { groups: [`${group}x`] }));
        expect(error).toMatchObject({ code: 'TODOCTL_GROUP_UNKNOWN', message: `No consumer group is called ${group}x. Did you mean ${group}?` });
      });

      it('a group whose topic is gone does not stand in the way', async () => {
        const topic = await made(1);
        const group = `group-${randomUUID()}`;
        await client.coordinated(group);
        await vi.waitFor(async () => expect(await client.connection.call(offsetCommit, { group, topic, partition: 0, offset: 0 })).toBe(0));
        await admin.deleteTopics([topic]);
        expect((await lag(stageOn(access).context, { groups: [] })).groups.some((row) => row.topic === topic)).toBe(false);
      });

      it('Kafka’s own topics are shown only when asked for', async () => {
        const { context } = stageOn(access);
        expect((await topics(context, { internal: false })).some(({ topic }) => topic.startsWith('__'))).toBe(false);
      });
    });
  });
}
