import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiVersions } from '../../../cli/kafka/apis/connect.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { Reader, Writer } from '../../../cli/kafka/wire.ts';
import { until } from '../../support/until.ts';
import { address, batchOf, Client, tcp, values } from './client.ts';
import { type Message, read, type Schema, SCHEMAS, write } from './schema.ts';
import type { Kafka } from './suite.ts';

/** What a case asks with: a topic with two partitions and records, a group with a committed offset, names that nobody has. */
interface Names {
  topic: string;
  group: string;
  fresh: string;
}

const partitionsOf = (topic: string, partition: Message): Message => ({ topics: [{ name: topic, partitions: [{ index: 1, ...partition }] }] });
const configs = ({ topic }: Names, more: Message): Message => ({ resources: [{ type: 2, name: topic, ...more }] });

/** A right request of each kind. */
const REQUESTS: Record<string, (names: Names) => Message> = {
  Produce: ({ topic }) => ({ acks: -1, timeout: 5000, ...partitionsOf(topic, { records: batchOf(values('v')) }) }),
  Fetch: ({ topic }) => ({ replica: -1, sessionEpoch: -1, maxBytes: 10_000, ...partitionsOf(topic, { epoch: -1, maxBytes: 10_000 }) }),
  ListOffsets: ({ topic }) => ({ replica: -1, ...partitionsOf(topic, { epoch: -1, timestamp: -1 }) }),
  Metadata: ({ topic }) => ({ topics: [topic] }),
  OffsetCommit: ({ group, topic }) => ({ group, generation: -1, retention: -1, ...partitionsOf(topic, { offset: 1, epoch: -1, metadata: 'note' }) }),
  OffsetFetch: ({ group, topic }) => ({ group, topics: [{ name: topic, partitions: [1] }] }),
  FindCoordinator: ({ group }) => ({ group }),
  JoinGroup: ({ fresh }) => ({ group: fresh, session: 6000, rebalance: 6000, type: 'consumer', protocols: [{ name: 'range', metadata: Buffer.from('m') }] }),
  SyncGroup: ({ fresh }) => ({ group: fresh, generation: 1, member: 'stranger' }),
  Heartbeat: ({ fresh }) => ({ group: fresh, generation: 1, member: 'stranger' }),
  LeaveGroup: ({ fresh }) => ({ group: fresh, member: 'stranger' }),
  DescribeGroups: ({ group }) => ({ groups: [group] }),
  ListGroups: () => ({}),
  ApiVersions: () => ({}),
  CreateTopics: ({ fresh }) => ({ timeout: 5000, topics: [{ name: fresh, partitions: 1, replication: 1, configs: [{ name: 'retention.ms', value: '1000' }] }] }),
  DeleteTopics: ({ fresh }) => ({ names: [fresh], timeout: 5000 }),
  DeleteRecords: ({ topic }) => ({ timeout: 5000, ...partitionsOf(topic, { offset: 0 }) }),
  InitProducerId: () => ({ timeout: 5000 }),
  OffsetForLeaderEpoch: ({ topic }) => ({ replica: -1, ...partitionsOf(topic, { current: -1, epoch: 0 }) }),
  DescribeConfigs: (names) => configs(names, { keys: ['retention.ms'] }),
  CreatePartitions: ({ topic }) => ({ topics: [{ name: topic, total: 3, assignments: null }], timeout: 5000, validateOnly: true }),
  DeleteGroups: ({ fresh }) => ({ groups: [fresh] }),
  IncrementalAlterConfigs: (names) => configs(names, { configs: [{ name: 'retention.ms', value: '100000' }] }),
};

const NOT_THERE: Record<string, number> = {
  SyncGroup: ErrorCode.UNKNOWN_MEMBER_ID,
  Heartbeat: ErrorCode.UNKNOWN_MEMBER_ID,
  LeaveGroup: ErrorCode.UNKNOWN_MEMBER_ID,
  DeleteTopics: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  DeleteGroups: ErrorCode.GROUP_ID_NOT_FOUND,
};
/** JoinGroup 4 and later first give out an id. */
const IDS_FIRST = 4;

/** Asks every request in every version that both the embedded broker and this Kafka speak, and reads each answer to its last byte. */
export function kafkaVersions(name: string, start: () => Promise<Kafka>): void {
  describe(`every version of every request, answered by ${name}`, () => {
    let kafka: Kafka;
    let client: Client;
    let spoken: Map<number, { min: number; max: number }>;
    let names: Names;

    beforeAll(async () => {
      kafka = await start();
      client = await Client.dial(kafka.bootstrap);
      spoken = (await client.connection.call(apiVersions, null)).ranges;
      const topic = await client.newTopic(2);
      await client.produce(topic, values('a'), { partition: 1 });
      names = { topic, group: `versions-${randomUUID()}`, fresh: '' };
      await client.coordinated(names.group);
      await client.newProducer();
      await until('a loaded coordinator', async () => (await client.join({ group: `${names.group}-warm` })).error === 0);
    });
    afterAll(async () => {
      client.close();
      await kafka.stop();
    });

    const cases = SCHEMAS.flatMap((schema) => Array.from({ length: schema.max - schema.min + 1 }, (_, index) => ({ schema, name: schema.name, version: schema.min + index })));

    it.for(cases)('$name $version', async ({ schema, version }, { skip }) => {
      const range = spoken.get(schema.key);
      if (!range || version < range.min || version > range.max) return skip(`${name} does not speak it any more`);
      const request = REQUESTS[schema.name]?.({ ...names, fresh: `versions-${randomUUID()}` }) ?? {};
      const { answer, left } = await ask(kafka, schema, version, request);
      expect(left).toBe(0);
      const wanted = schema.name === 'JoinGroup' && version >= IDS_FIRST ? ErrorCode.MEMBER_ID_REQUIRED : (NOT_THERE[schema.name] ?? 0);
      expect(errorsIn(answer)).toEqual(errorsIn(answer).map(() => wanted));
    });
  });
}

async function ask(kafka: Kafka, schema: Schema, version: number, request: Message): Promise<{ answer: Message; left: number }> {
  const writer = new Writer().int32(0).int16(schema.key).int16(version).int32(42).string('versions');
  write(writer, schema.request, request, version);
  const socket = await tcp(address(kafka.bootstrap));
  socket.write(writer.patchInt32(0, writer.length - 4).done());
  let bytes = Buffer.alloc(0);
  while (bytes.length < 4 || bytes.length < bytes.readInt32BE(0) + 4) {
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [undefined])])) as [Buffer | undefined];
    if (!chunk) throw new Error(`${schema.name} ${version}: the connection was closed`);
    bytes = Buffer.concat([bytes, chunk]);
  }
  socket.destroy();
  const reader = new Reader(bytes, 4);
  expect(reader.int32()).toBe(42);
  return { answer: read(reader, schema.response, version), left: reader.left };
}

/** Every error code of an answer, wherever it stands. */
function errorsIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(errorsIn);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === 'error' ? [inner as number] : errorsIn(inner)));
}
