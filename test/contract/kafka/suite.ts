import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeGroups, listGroups, offsetFetch } from '../../../cli/kafka/apis/groups.ts';
import { EARLIEST, LATEST } from '../../../cli/kafka/apis/list-offsets.ts';
import { metadata } from '../../../cli/kafka/apis/metadata.ts';
import { createPartitions, createTopics, deleteTopics, describeConfigs, incrementalAlterConfigs } from '../../../cli/kafka/apis/topics.ts';
import { CODECS } from '../../../cli/kafka/compression.ts';
import { ErrorCode, errorName } from '../../../cli/kafka/error-codes.ts';
import { BATCH } from '../../../cli/kafka/record-batch.ts';
import { Reader, Writer } from '../../../cli/kafka/wire.ts';
import {
  deleteGroups, deleteRecords, describeCluster, heartbeat, leaveGroup, offsetCommit, offsetFetchOf, offsetForLeaderEpoch, syncGroup,
} from './apis.ts';
import { until } from '../../support/until.ts';
import { address, batchOf, Client, codecNamed, recordsOf, tcp, texts, values } from './client.ts';

/** A Kafka under test. */
export interface Kafka {
  bootstrap: string;
  stop(): Promise<void>;
  /** Stops it and starts it again on the same data and port. */
  restart?(): Promise<void>;
}

/** What every Kafka must do that the platform's clients rely on. The same cases run against the embedded broker and Apache Kafka. */
export function kafkaContract(name: string, start: () => Promise<Kafka>): void {
  describe(`the Kafka contract, kept by ${name}`, () => {
    let kafka: Kafka;
    let client: Client;
    const clients: Client[] = [];

    const another = async (): Promise<Client> => {
      const made = await Client.dial(kafka.bootstrap);
      clients.push(made);
      return made;
    };

    beforeAll(async () => {
      kafka = await start();
    });
    afterAll(() => kafka.stop());
    beforeEach(async () => {
      client = await another();
    });
    afterEach(() => {
      for (const one of clients.splice(0)) one.close();
    });

    describe('first contact', () => {
      it('tells a client that is too new what it speaks, in version 0', async () => {
        const answer = await ask(kafka, 18, 99, (writer) => writer.compactString('test').compactString('1').tags());
        const error = answer.int16();
        const apis = answer.array(() => ({ key: answer.int16(), min: answer.int16(), max: answer.int16() }));
        expect(errorName(error)).toBe('UNSUPPORTED_VERSION');
        // At least which versions of ApiVersions itself: the next question is then right.
        expect(apis.find(({ key }) => key === 18)?.min).toBe(0);
      });

      it('answers a flexible ApiVersions with a header that has no tags', async () => {
        const answer = await ask(kafka, 18, 3, (writer) => writer.compactString('test').compactString('1').tags());
        expect(answer.int16()).toBe(0);
        expect(answer.compactArray(() => [answer.take(6), answer.tags()]).length).toBeGreaterThan(20);
      });

      it('names itself as the leader of every partition', async () => {
        const topic = await client.newTopic(3);
        const { brokers, controller, topics, clusterId } = await client.connection.call(metadata, { topics: [topic] });
        expect([...brokers.values()]).toEqual([address(kafka.bootstrap)]);
        expect(brokers.has(controller)).toBe(true);
        expect(clusterId).toBeTruthy();
        expect(topics[0]?.partitions.map(({ leader, replicas }) => ({ leader, replicas }))).toEqual(
          Array.from({ length: 3 }, () => ({ leader: controller, replicas: [controller] })),
        );
      });

      it('describes the cluster as Metadata does', async () => {
        const described = await client.connection.call(describeCluster, null);
        const { clusterId, controller } = await client.connection.call(metadata, { topics: [] });
        expect(described).toMatchObject({ error: 0, clusterId, controller, brokers: [{ id: controller, ...address(kafka.bootstrap) }] });
      });

      it('knows no topic that nobody made, and makes none by being asked', async () => {
        const topic = `contract-${randomUUID()}`;
        const asked = async (): Promise<string | undefined> => {
          const { topics } = await client.connection.call(metadata, { topics: [topic] });
          return topics[0] && errorName(topics[0].error);
        };
        expect([await asked(), await asked()]).toEqual(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION']);
      });

      it('answers pipelined requests in the order of asking', async () => {
        const topic = await client.newTopic();
        const [waited, ...produced] = await Promise.all([
          client.fetch(topic, 0, { maxWaitMs: 300, minBytes: 1 }),
          ...Array.from({ length: 20 }, (_, index) => client.produce(topic, values(String(index)))),
        ]);
        expect(produced).toEqual(Array.from({ length: 20 }, (_, index) => index));
        // The fetch came first, so it was answered before anything was produced on this connection.
        expect(waited.records).toHaveLength(0);
      });

      it('puts a request together that arrives byte by byte', async () => {
        const socket = await tcp(address(kafka.bootstrap));
        for (const byte of requestFrame(18, 0, 77, () => undefined)) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        const [bytes] = (await once(socket, 'data')) as [Buffer];
        expect(bytes.readInt32BE(4)).toBe(77);
        socket.destroy();
      });
    });

    describe('produce and fetch', () => {
      it('numbers records from 0 and gives them back as they were', async () => {
        const topic = await client.newTopic();
        const sent = [
          { key: Buffer.from('k1'), value: Buffer.from('v1'), timestamp: 1_700_000_000_001, headers: [{ key: 'h', value: Buffer.from('1') }, { key: 'h', value: null }] },
          { key: Buffer.from('k2'), value: Buffer.from('ü😀'), timestamp: 1_700_000_000_000, headers: [] },
        ];
        expect(await client.produce(topic, sent)).toBe(0);
        expect(await client.produce(topic, values('third'))).toBe(2);
        const read = await client.read(topic);
        expect(read.map(({ offset }) => offset)).toEqual([0, 1, 2]);
        expect(read.slice(0, 2)).toEqual(sent.map((record, offset) => ({ offset, ...record })));
      });

      it('keeps null, empty and something apart, in keys and values', async () => {
        const topic = await client.newTopic();
        const sent = [null, Buffer.alloc(0), Buffer.from('x')].flatMap((key) => [null, Buffer.alloc(0), Buffer.from('y')].map((value) => ({ key, value })));
        await client.produce(topic, sent);
        expect((await client.read(topic)).map(({ key, value }) => ({ key, value }))).toEqual(sent);
      });

      it.each(CODECS)('keeps a batch compressed with %s as it is', async (name) => {
        const topic = await client.newTopic();
        const codec = await codecNamed(name);
        const sent = Array.from({ length: 100 }, (_, index) => `value ${index} ${'again '.repeat(20)}`);
        await client.produce(topic, values(...sent), { codec });
        const { records } = await client.fetch(topic, 0);
        expect(records.readInt16BE(BATCH.attributes) & 7).toBe(codec.id);
        expect(texts(await client.read(topic))).toEqual(sent);
      });

      it('begins a fetch with the batch that holds the offset', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('a', 'b', 'c'));
        await client.produce(topic, values('d', 'e', 'f'));
        expect(texts(await client.read(topic, 4))).toEqual(['e', 'f']);
        const { records } = await client.fetch(topic, 4);
        expect(Number(records.readBigInt64BE(0))).toBe(3);
      });

      it('gives one whole batch even to a client that asks for less', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('x'.repeat(10_000)));
        await client.produce(topic, values('y'));
        const { records, highWatermark } = await client.fetch(topic, 0, { maxBytes: 100 });
        expect({ length: records.length > 10_000, highWatermark }).toEqual({ length: true, highWatermark: 2 });
      });

      it('reads a whole partition back in small bites', async () => {
        const topic = await client.newTopic();
        const sent = Array.from({ length: 300 }, (_, index) => `${index} ${'.'.repeat(index)}`);
        for (let at = 0; at < sent.length; at += 7) await client.produce(topic, values(...sent.slice(at, at + 7)));
        const read: (string | undefined)[] = [];
        while (read.length < sent.length) {
          const { records } = await client.fetch(topic, read.length, { maxBytes: 2000 });
          read.push(...texts((await recordsOf(records)).filter(({ offset }) => offset >= read.length)));
        }
        expect(read).toEqual(sent);
      });

      it('waits for records, and answers as soon as one comes', async () => {
        const topic = await client.newTopic();
        const waiting = client.fetch(topic, 0, { maxWaitMs: 15_000, minBytes: 1 });
        const other = await another();
        const from = performance.now();
        await other.produce(topic, values('news'));
        const { records } = await waiting;
        expect(records.length).toBeGreaterThan(0);
        expect(performance.now() - from).toBeLessThan(5000);
      });

      it('answers with nothing when the waiting time is over', async () => {
        const topic = await client.newTopic();
        const from = performance.now();
        const { error, records } = await client.fetch(topic, 0, { maxWaitMs: 300, minBytes: 1 });
        expect({ error, records: records.length }).toEqual({ error: 0, records: 0 });
        expect(performance.now() - from).toBeGreaterThan(280);
      });

      it('waits for as many bytes as are wanted', async () => {
        const topic = await client.newTopic();
        const waiting = client.fetch(topic, 0, { maxWaitMs: 15_000, minBytes: 3000 });
        const other = await another();
        for (let sent = 0; sent < 4; sent++) await other.produce(topic, values('x'.repeat(1000)));
        expect((await waiting).records.length).toBeGreaterThanOrEqual(3000);
      });

      it('writes what needs no acknowledgement, and answers nothing', async () => {
        const topic = await client.newTopic();
        const socket = await tcp(address(kafka.bootstrap));
        const batch = batchOf(values('unacknowledged'));
        socket.write(requestFrame(0, 3, 1, (writer) => writer.string(null).int16(0).int32(1000).int32(1).string(topic).int32(1).int32(0).bytes(batch)));
        socket.write(requestFrame(18, 0, 2, () => undefined));
        const [bytes] = (await once(socket, 'data')) as [Buffer];
        expect(bytes.readInt32BE(4)).toBe(2);
        await until('the record', async () => (await client.read(topic)).length === 1);
        socket.destroy();
      });
    });

    describe('what is refused', () => {
      it('an offset that is not there', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('only'));
        const errors = await Promise.all([2, 1_000_000].map(async (offset) => errorName((await client.fetch(topic, offset)).error)));
        expect(errors).toEqual(['OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE']);
        expect((await client.fetch(topic, 1)).error).toBe(0);
      });

      it('an unknown topic or partition', async () => {
        const topic = await client.newTopic();
        const unknown = `contract-${randomUUID()}`;
        const batch = (): Buffer => batchOf(values('nowhere'));
        const errors = [
          (await client.send(unknown, batch())).error,
          (await client.send(topic, batch(), 7)).error,
          (await client.fetch(unknown, 0)).error,
          (await client.fetch(topic, 0, { partition: 7 })).error,
          (await client.offsetAt(unknown, LATEST)).error,
        ];
        expect(errors.map(errorName)).toEqual(Array.from({ length: 5 }, () => 'UNKNOWN_TOPIC_OR_PARTITION'));
      });

      it('a batch whose checksum is wrong, and nothing of it is kept', async () => {
        const topic = await client.newTopic();
        const batch = batchOf(values('damaged on the way'));
        const last = batch.length - 1;
        batch[last] = (batch[last] as number) ^ 1;
        expect(errorName((await client.send(topic, batch)).error)).toBe('CORRUPT_MESSAGE');
        expect((await client.offsetAt(topic, LATEST)).offset).toBe(0);
      });

      it('a batch larger than the topic allows', async () => {
        const topic = await client.newTopic(1, { 'max.message.bytes': '2000' });
        expect(errorName((await client.send(topic, batchOf(values('x'.repeat(3000))))).error)).toBe('MESSAGE_TOO_LARGE');
        expect((await client.send(topic, batchOf(values('x'.repeat(1000))))).error).toBe(0);
      });

      it('more than one batch per partition, and none', async () => {
        const topic = await client.newTopic();
        const two = Buffer.concat([batchOf(values('a')), batchOf(values('b'))]);
        expect([await client.send(topic, two), await client.send(topic, Buffer.alloc(0))].map(({ error }) => errorName(error))).toEqual(['INVALID_RECORD', 'INVALID_RECORD']);
      });
    });

    describe('offsets by time', () => {
      it('knows the beginning and the end', async () => {
        const topic = await client.newTopic();
        expect([(await client.offsetAt(topic, EARLIEST)).offset, (await client.offsetAt(topic, LATEST)).offset]).toEqual([0, 0]);
        await client.produce(topic, values('a', 'b', 'c'));
        expect([(await client.offsetAt(topic, EARLIEST)).offset, (await client.offsetAt(topic, LATEST)).offset]).toEqual([0, 3]);
      });

      it.each(['none', 'zstd', 'lz4'] as const)('finds the first record that is not older, inside a batch too (%s)', async (name) => {
        const topic = await client.newTopic();
        const codec = await codecNamed(name);
        const time = 1_700_000_000_000;
        const at = (...seconds: number[]): { timestamp: number; value: Buffer }[] => seconds.map((second) => ({ timestamp: time + second * 1000, value: Buffer.from(`${second}`) }));
        await client.produce(topic, at(0, 10, 20), { codec });
        await client.produce(topic, at(30, 40, 50), { codec });
        const found = await Promise.all([-5, 0, 5, 20, 21, 45, 50].map((second) => client.offsetAt(topic, time + second * 1000)));
        expect(found.map(({ offset }) => offset)).toEqual([0, 0, 1, 2, 3, 5, 5]);
        expect(found[4]?.timestamp).toBe(time + 30_000);
      });

      it('says -1 when no record is that new', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('now'));
        expect(await client.offsetAt(topic, Date.now() + 60_000)).toMatchObject({ error: 0, offset: -1 });
      });
    });

    describe('idempotent producers', () => {
      it('keep one copy of a batch that is sent twice', async () => {
        const topic = await client.newTopic();
        const { producerId, epoch } = await client.newProducer();
        const batch = (sequence: number): Buffer => batchOf(values(`${sequence}`, `${sequence + 1}`), { producerId, producerEpoch: epoch, baseSequence: sequence });
        const sent = [await client.send(topic, batch(0)), await client.send(topic, batch(2)), await client.send(topic, batch(0)), await client.send(topic, batch(2))];
        expect(sent.map(({ error, baseOffset }) => ({ error, baseOffset }))).toEqual([0, 2, 0, 2].map((baseOffset) => ({ error: 0, baseOffset })));
        expect(texts(await client.read(topic))).toEqual(['0', '1', '2', '3']);
      });

      it('are told of a gap and of a newer self', async () => {
        const topic = await client.newTopic();
        const { producerId, epoch } = await client.newProducer();
        const send = async (baseSequence: number, producerEpoch: number): Promise<string> =>
          errorName((await client.send(topic, batchOf(values('v'), { producerId, producerEpoch, baseSequence }))).error);
        expect([await send(0, epoch), await send(5, epoch), await send(0, epoch + 1), await send(1, epoch)]).toEqual([
          'NONE', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'NONE', 'INVALID_PRODUCER_EPOCH',
        ]);
      });

      it('never share an id', async () => {
        const ids = await Promise.all(Array.from({ length: 10 }, () => client.newProducer()));
        expect(new Set(ids.map(({ producerId }) => producerId)).size).toBe(10);
      });
    });

    describe('topics', () => {
      it('are made once, and only when name, partitions, replicas and settings are right', async () => {
        const name = await client.newTopic();
        const fresh = (): string => `contract-${randomUUID()}`;
        const make = async (topic: Parameters<typeof createTopics.encode>[1]['topics'][number]): Promise<string> =>
          errorName((await client.connection.call(createTopics, { topics: [topic], timeoutMs: 5000 }))[0]?.error ?? -1);
        expect([
          await make({ name, partitions: 1 }),
          await make({ name: 'not a name', partitions: 1 }),
          await make({ name: '..', partitions: 1 }),
          await make({ name: fresh(), partitions: 0 }),
          await make({ name: fresh(), partitions: 1, replication: 5 }),
          await make({ name: fresh(), partitions: 1, config: { 'no.such.setting': '1' } }),
          await make({ name: fresh(), partitions: 1, config: { 'retention.ms': 'soon' } }),
        ]).toEqual([
          'TOPIC_ALREADY_EXISTS', 'INVALID_TOPIC_EXCEPTION', 'INVALID_TOPIC_EXCEPTION', 'INVALID_PARTITIONS', 'INVALID_REPLICATION_FACTOR', 'INVALID_CONFIG', 'INVALID_CONFIG',
        ]);
      });

      it('tell their settings, and take new ones', async () => {
        const topic = await client.newTopic(1, { 'retention.ms': '60000' });
        const retention = async (): Promise<unknown> =>
          (await client.connection.call(describeConfigs, { topics: [topic], keys: ['retention.ms', 'cleanup.policy'] }))[0]?.config;
        expect(await retention()).toEqual({ 'retention.ms': '60000', 'cleanup.policy': 'delete' });
        const [altered] = await client.connection.call(incrementalAlterConfigs, { topic, config: { 'retention.ms': '120000' } });
        expect(altered?.error).toBe(0);
        await until('the new setting', async () => JSON.stringify(await retention()).includes('120000'));
        const [refused] = await client.connection.call(incrementalAlterConfigs, { topic, config: { 'retention.ms': 'soon' } });
        expect(errorName(refused?.error ?? 0)).toBe('INVALID_CONFIG');
      });

      it('can be given more partitions, and no fewer', async () => {
        const topic = await client.newTopic(2);
        await client.produce(topic, values('stays'), { partition: 1 });
        const grow = async (partitions: number): Promise<string> =>
          errorName((await client.connection.call(createPartitions, { topics: [{ topic, partitions }], timeoutMs: 5000 }))[0]?.error ?? -1);
        expect([await grow(4), await grow(3)]).toEqual(['NONE', 'INVALID_PARTITIONS']);
        await client.hasLeaders(topic, 4);
        await client.produce(topic, values('new'), { partition: 3 });
        expect([texts(await client.read(topic, 0, 1)), texts(await client.read(topic, 0, 3))]).toEqual([['stays'], ['new']]);
      });

      it('are gone when deleted, with their records and committed offsets', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('old'));
        const unknown = `contract-${randomUUID()}`;
        const outcomes = await client.connection.call(deleteTopics, { topics: [topic, unknown], timeoutMs: 5000 });
        expect(Object.fromEntries(outcomes.map((one) => [one.topic, errorName(one.error)]))).toEqual({ [topic]: 'NONE', [unknown]: 'UNKNOWN_TOPIC_OR_PARTITION' });
        await until('the topic to be gone', async () => (await client.connection.call(metadata, { topics: [topic] })).topics[0]?.error !== 0);
        await until('the name to be free', async () => (await client.connection.call(createTopics, { topics: [{ name: topic, partitions: 1 }], timeoutMs: 5000 }))[0]?.error === 0);
        await client.hasLeaders(topic, 1);
        expect((await client.offsetAt(topic, LATEST)).offset).toBe(0);
      });

      it('lose their oldest records when asked to', async () => {
        const topic = await client.newTopic();
        for (const text of ['a', 'b', 'c', 'd']) await client.produce(topic, values(text));
        expect(await client.connection.call(deleteRecords, { topic, partition: 0, before: 2 })).toEqual({ startOffset: 2, error: 0 });
        expect(errorName((await client.fetch(topic, 1)).error)).toBe('OFFSET_OUT_OF_RANGE');
        expect(texts(await client.read(topic, 2))).toEqual(['c', 'd']);
        expect((await client.offsetAt(topic, EARLIEST)).offset).toBe(2);
        expect(errorName((await client.connection.call(deleteRecords, { topic, partition: 0, before: 9 })).error)).toBe('OFFSET_OUT_OF_RANGE');
      });

      it('say where a leader epoch ended', async () => {
        const topic = await client.newTopic();
        await client.produce(topic, values('a', 'b'));
        expect(await client.connection.call(offsetForLeaderEpoch, { topic, partition: 0, epoch: 0 })).toEqual({ error: 0, epoch: 0, endOffset: 2 });
      });
    });

    describe('groups', () => {
      const newGroup = async (): Promise<string> => {
        const group = `contract-${randomUUID()}`;
        await client.coordinated(group);
        return group;
      };
      const assign = (...pairs: [string, string][]): { memberId: string; assignment: Buffer }[] => pairs.map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) }));

      it('let one member join, and hand it what it assigned to itself', async () => {
        const group = await newGroup();
        const joined = await client.join({ group });
        expect(joined).toMatchObject({ error: 0, generation: 1, protocol: 'range', leader: joined.memberId, members: [{ memberId: joined.memberId, metadata: Buffer.from('m') }] });
        const { generation, memberId } = joined;
        expect(await client.connection.call(syncGroup, { group, generation, memberId, assignments: assign([memberId, 'all of it']) })).toEqual({ error: 0, assignment: 'all of it' });
        expect(await client.connection.call(heartbeat, { group, generation, memberId })).toBe(0);
      });

      it('share out anew when a second member comes, and again when one goes', async () => {
        const group = await newGroup();
        const other = await another();
        const first = await client.join({ group });
        await client.connection.call(syncGroup, { group, generation: 1, memberId: first.memberId, assignments: assign([first.memberId, 'all']) });

        const joining = other.join({ group });
        await until('the rebalance to be called', async () => (await client.connection.call(heartbeat, { group, generation: 1, memberId: first.memberId })) === ErrorCode.REBALANCE_IN_PROGRESS);
        const [again, second] = await Promise.all([client.join({ group, memberId: first.memberId }), joining]);
        expect([again, second].map(({ error, generation, leader }) => ({ error, generation, leader }))).toEqual(
          Array.from({ length: 2 }, () => ({ error: 0, generation: 2, leader: first.memberId })),
        );
        expect([again.members.length, second.members.length]).toEqual([2, 0]);
        const [mine, theirs] = await Promise.all([
          client.connection.call(syncGroup, { group, generation: 2, memberId: first.memberId, assignments: assign([first.memberId, 'one half'], [second.memberId, 'other half']) }),
          other.connection.call(syncGroup, { group, generation: 2, memberId: second.memberId }),
        ]);
        expect([mine.assignment, theirs.assignment]).toEqual(['one half', 'other half']);

        expect(await client.connection.call(leaveGroup, { group, memberId: first.memberId })).toBe(0);
        await until('the second rebalance', async () => (await other.connection.call(heartbeat, { group, generation: 2, memberId: second.memberId })) === ErrorCode.REBALANCE_IN_PROGRESS);
        expect(await other.join({ group, memberId: second.memberId })).toMatchObject({ error: 0, generation: 3, leader: second.memberId });
      });

      it('go on without a member that has gone silent', async () => {
        const group = await newGroup();
        const silent = await another();
        const first = await client.join({ group });
        const joining = silent.join({ group });
        await until('the rebalance to be called', async () => {
          const error = await client.connection.call(heartbeat, { group, generation: 1, memberId: first.memberId });
          return error === ErrorCode.REBALANCE_IN_PROGRESS;
        });
        const again = await client.join({ group, memberId: first.memberId });
        await joining;
        silent.close();
        const sync = assign([first.memberId, 'half']);
        await client.connection.call(syncGroup, { group, generation: again.generation, memberId: first.memberId, assignments: sync });
        await until('the silent member to be given up', async () => {
          const error = await client.connection.call(heartbeat, { group, generation: again.generation, memberId: first.memberId });
          return error === ErrorCode.REBALANCE_IN_PROGRESS;
        });
        expect((await client.join({ group, memberId: first.memberId })).members).toHaveLength(1);
      });

      it('refuse strangers, other generations and members that speak something else', async () => {
        const group = await newGroup();
        const topic = await client.newTopic();
        const { generation, memberId } = await client.join({ group });
        await client.connection.call(syncGroup, { group, generation, memberId, assignments: assign([memberId, 'all']) });
        const { connection } = client;
        const errors = [
          await connection.call(heartbeat, { group, generation, memberId: 'stranger' }),
          await connection.call(heartbeat, { group, generation: generation + 1, memberId }),
          (await connection.call(syncGroup, { group, generation, memberId: 'stranger' })).error,
          (await connection.call(syncGroup, { group, generation: generation + 1, memberId })).error,
          await connection.call(offsetCommit, { group, generation, memberId: 'stranger', topic, partition: 0, offset: 1 }),
          await connection.call(offsetCommit, { group, generation: generation + 1, memberId, topic, partition: 0, offset: 1 }),
          await connection.call(leaveGroup, { group, memberId: 'stranger' }),
          (await client.join({ group, memberId: 'stranger' })).error,
          (await client.join({ group, protocols: [{ name: 'unknown to others', metadata: Buffer.alloc(0) }] })).error,
        ];
        expect(errors.map(errorName)).toEqual([
          'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID',
          'UNKNOWN_MEMBER_ID', 'INCONSISTENT_GROUP_PROTOCOL',
        ]);
      });

      it('refuse a session that is far too long, and a group without a name', async () => {
        const group = await newGroup();
        expect([(await client.join({ group, sessionMs: 2 ** 31 - 1 })).error, (await client.join({ group: '' })).error].map(errorName)).toEqual(['INVALID_SESSION_TIMEOUT', 'INVALID_GROUP_ID']);
      });

      it('remember what their members commit', async () => {
        const group = await newGroup();
        const topic = await client.newTopic(2);
        const { generation, memberId } = await client.join({ group });
        await client.connection.call(syncGroup, { group, generation, memberId, assignments: assign([memberId, 'all']) });
        const commit = (offset: number, metadataText: string): Promise<number> =>
          client.connection.call(offsetCommit, { group, generation, memberId, topic, partition: 1, offset, metadata: metadataText });
        expect([await commit(5, 'first'), await commit(9, 'second')]).toEqual([0, 0]);
        expect(await client.connection.call(offsetFetchOf, { group, topic, partitions: [0, 1] })).toEqual([
          { partition: 0, offset: -1, metadata: '', error: 0 },
          { partition: 1, offset: 9, metadata: 'second', error: 0 },
        ]);
        expect((await client.connection.call(offsetFetch, { group })).offsets).toEqual([expect.objectContaining({ topic, partition: 1, offset: 9 })]);
      });

      it('take commits without membership as long as they have no members', async () => {
        const group = await newGroup();
        const topic = await client.newTopic();
        const commit = (to: string): Promise<number> => client.connection.call(offsetCommit, { group, topic: to, partition: 0, offset: 3 });
        let error = await commit(topic);
        await until('the coordinator', async () => {
          if (error !== ErrorCode.NOT_COORDINATOR && error !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) return true;
          error = await commit(topic);
          return false;
        });
        expect([error, await commit(`contract-${randomUUID()}`)].map(errorName)).toEqual(['NONE', 'UNKNOWN_TOPIC_OR_PARTITION']);
        await client.join({ group });
        expect(errorName(await commit(topic))).toBe('UNKNOWN_MEMBER_ID');
      });

      it('are listed and described, and deleted when they are empty', async () => {
        const group = await newGroup();
        const { generation, memberId } = await client.join({ group });
        await client.connection.call(syncGroup, { group, generation, memberId, assignments: assign([memberId, 'all']) });
        const described = async (): Promise<unknown> => (await client.connection.call(describeGroups, { groups: [group] }))[0];
        expect(await described()).toMatchObject({ error: 0, state: 'Stable', members: 1 });
        expect((await client.connection.call(listGroups, null)).groups).toContainEqual({ group, protocolType: 'consumer' });
        const remove = async (): Promise<string> => errorName((await client.connection.call(deleteGroups, { groups: [group] }))[0]?.error ?? -1);
        expect(await remove()).toBe('NON_EMPTY_GROUP');
        await client.connection.call(leaveGroup, { group, memberId });
        await until('an empty group', async () => JSON.stringify(await described()).includes('"Empty"'));
        expect([await remove(), await remove()]).toEqual(['NONE', 'GROUP_ID_NOT_FOUND']);
        expect(await described()).toMatchObject({ state: 'Dead', members: 0 });
      });
    });

    it('keeps topics, settings, records, times and committed offsets over a restart', async ({ skip }) => {
      if (!kafka.restart) return skip('this one is not ours to restart');
      const topic = await client.newTopic(2, { 'retention.ms': '-1' });
      const group = `contract-${randomUUID()}`;
      await client.coordinated(group);
      await client.produce(topic, [{ key: Buffer.from('k'), value: Buffer.from('before'), timestamp: 1_700_000_000_000 }], { partition: 1 });
      await until('the commit', async () => (await client.connection.call(offsetCommit, { group, topic, partition: 1, offset: 1 })) === 0);
      client.close();
      await kafka.restart();
      const later = await another();
      await later.hasLeaders(topic, 2);
      await later.coordinated(group);
      expect(await later.produce(topic, values('after'), { partition: 1 })).toBe(1);
      expect(texts(await later.read(topic, 0, 1))).toEqual(['before', 'after']);
      expect((await later.offsetAt(topic, 1_700_000_000_000, 1)).offset).toBe(0);
      expect((await later.connection.call(describeConfigs, { topics: [topic], keys: ['retention.ms'] }))[0]?.config).toEqual({ 'retention.ms': '-1' });
      await until('the committed offset', async () => (await later.connection.call(offsetFetchOf, { group, topic, partitions: [1] }))[0]?.offset === 1);
    });
  });
}

/** Sends one raw request and reads its answer, past the correlation id. */
async function ask(kafka: Kafka, key: number, version: number, body: (writer: Writer) => void): Promise<Reader> {
  const socket = await tcp(address(kafka.bootstrap));
  socket.write(requestFrame(key, version, 1, body, version >= 3));
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length >= 4 && bytes.length >= bytes.readInt32BE(0) + 4) break;
  }
  socket.destroy();
  return new Reader(Buffer.concat(chunks), 8);
}

function requestFrame(key: number, version: number, correlation: number, body: (writer: Writer) => void, flexible = false): Buffer {
  const writer = new Writer().int32(0).int16(key).int16(version).int32(correlation).string('contract');
  if (flexible) writer.tags();
  body(writer);
  return writer.patchInt32(0, writer.length - 4).done();
}
