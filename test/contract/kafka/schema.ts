// The protocol's messages as data, in every version that the embedded broker speaks (kafka.apache.org/protocol): a second
// statement beside the one in cli/broker/protocol, itself held to Apache Kafka. Compact versions are tested elsewhere.
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import type { Reader, Writer } from '../../../cli/kafka/wire.ts';

type Scalar = 'int8' | 'int16' | 'int32' | 'int64' | 'boolean' | 'string' | 'nullableString' | 'bytes';
/** name, type (a list is an array of such things), first version, last version. */
export type Field = readonly [name: string, type: Scalar | readonly Field[] | readonly [Scalar], since?: number, until?: number];
type Value = unknown;
export type Message = Record<string, Value>;

export interface Schema {
  name: string;
  key: number;
  min: number;
  max: number;
  request: readonly Field[];
  response: readonly Field[];
}

const throttle = (since: number): Field => ['throttle', 'int32', since];
const topicError: readonly Field[] = [['name', 'string'], ['error', 'int16']];

export const SCHEMAS: readonly Schema[] = [
  {
    name: 'Produce', key: ApiKey.produce, min: 3, max: 8,
    request: [['transaction', 'nullableString'], ['acks', 'int16'], ['timeout', 'int32'], ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['records', 'bytes']]]]]],
    response: [
      ['topics', [['name', 'string'], ['partitions', [
        ['index', 'int32'], ['error', 'int16'], ['baseOffset', 'int64'], ['appendTime', 'int64'], ['startOffset', 'int64', 5],
        ['recordErrors', [['index', 'int32'], ['message', 'nullableString']], 8], ['message', 'nullableString', 8],
      ]]]], throttle(0),
    ],
  },
  {
    name: 'Fetch', key: ApiKey.fetch, min: 4, max: 11,
    request: [
      ['replica', 'int32'], ['wait', 'int32'], ['minBytes', 'int32'], ['maxBytes', 'int32'], ['isolation', 'int8'], ['session', 'int32', 7], ['sessionEpoch', 'int32', 7],
      ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['epoch', 'int32', 9], ['offset', 'int64'], ['startOffset', 'int64', 5], ['maxBytes', 'int32']]]]],
      ['forgotten', [['name', 'string'], ['partitions', ['int32']]], 7], ['rack', 'string', 11],
    ],
    response: [
      throttle(0), ['error', 'int16', 7], ['session', 'int32', 7],
      ['topics', [['name', 'string'], ['partitions', [
        ['index', 'int32'], ['error', 'int16'], ['endOffset', 'int64'], ['stableOffset', 'int64'], ['startOffset', 'int64', 5],
        ['aborted', [['producer', 'int64'], ['offset', 'int64']]], ['preferred', 'int32', 11], ['records', 'bytes'],
      ]]]],
    ],
  },
  {
    name: 'ListOffsets', key: ApiKey.listOffsets, min: 1, max: 5,
    request: [['replica', 'int32'], ['isolation', 'int8', 2], ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['epoch', 'int32', 4], ['timestamp', 'int64']]]]]],
    response: [throttle(2), ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['error', 'int16'], ['timestamp', 'int64'], ['offset', 'int64'], ['epoch', 'int32', 4]]]]]],
  },
  {
    name: 'Metadata', key: ApiKey.metadata, min: 0, max: 8,
    request: [['topics', ['string']], ['create', 'boolean', 4], ['clusterOperations', 'boolean', 8], ['topicOperations', 'boolean', 8]],
    response: [
      throttle(3), ['brokers', [['id', 'int32'], ['host', 'string'], ['port', 'int32'], ['rack', 'nullableString', 1]]], ['cluster', 'nullableString', 2], ['controller', 'int32', 1],
      ['topics', [['error', 'int16'], ['name', 'string'], ['internal', 'boolean', 1], ['partitions', [
        ['error', 'int16'], ['index', 'int32'], ['leader', 'int32'], ['epoch', 'int32', 7], ['replicas', ['int32']], ['inSync', ['int32']], ['offline', ['int32'], 5],
      ]], ['operations', 'int32', 8]]],
      ['operations', 'int32', 8],
    ],
  },
  {
    name: 'OffsetCommit', key: ApiKey.offsetCommit, min: 2, max: 6,
    request: [
      ['group', 'string'], ['generation', 'int32'], ['member', 'string'], ['retention', 'int64', 2, 4],
      ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['offset', 'int64'], ['epoch', 'int32', 6], ['metadata', 'nullableString']]]]],
    ],
    response: [throttle(3), ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['error', 'int16']]]]]],
  },
  {
    name: 'OffsetFetch', key: ApiKey.offsetFetch, min: 1, max: 5,
    request: [['group', 'string'], ['topics', [['name', 'string'], ['partitions', ['int32']]]]],
    response: [
      throttle(3), ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['offset', 'int64'], ['epoch', 'int32', 5], ['metadata', 'nullableString'], ['error', 'int16']]]]],
      ['error', 'int16', 2],
    ],
  },
  {
    name: 'FindCoordinator', key: ApiKey.findCoordinator, min: 0, max: 2,
    request: [['group', 'string'], ['type', 'int8', 1]],
    response: [throttle(1), ['error', 'int16'], ['message', 'nullableString', 1], ['id', 'int32'], ['host', 'string'], ['port', 'int32']],
  },
  {
    name: 'JoinGroup', key: ApiKey.joinGroup, min: 0, max: 4,
    request: [['group', 'string'], ['session', 'int32'], ['rebalance', 'int32', 1], ['member', 'string'], ['type', 'string'], ['protocols', [['name', 'string'], ['metadata', 'bytes']]]],
    response: [throttle(2), ['error', 'int16'], ['generation', 'int32'], ['protocol', 'string'], ['leader', 'string'], ['member', 'string'], ['members', [['id', 'string'], ['metadata', 'bytes']]]],
  },
  {
    name: 'SyncGroup', key: ApiKey.syncGroup, min: 0, max: 2,
    request: [['group', 'string'], ['generation', 'int32'], ['member', 'string'], ['assignments', [['member', 'string'], ['assignment', 'bytes']]]],
    response: [throttle(1), ['error', 'int16'], ['assignment', 'bytes']],
  },
  { name: 'Heartbeat', key: ApiKey.heartbeat, min: 0, max: 2, request: [['group', 'string'], ['generation', 'int32'], ['member', 'string']], response: [throttle(1), ['error', 'int16']] },
  { name: 'LeaveGroup', key: ApiKey.leaveGroup, min: 0, max: 2, request: [['group', 'string'], ['member', 'string']], response: [throttle(1), ['error', 'int16']] },
  {
    name: 'DescribeGroups', key: ApiKey.describeGroups, min: 0, max: 4,
    request: [['groups', ['string']], ['operations', 'boolean', 3]],
    response: [throttle(1), ['groups', [
      ['error', 'int16'], ['id', 'string'], ['state', 'string'], ['type', 'string'], ['protocol', 'string'],
      ['members', [['id', 'string'], ['instance', 'nullableString', 4], ['client', 'string'], ['host', 'string'], ['metadata', 'bytes'], ['assignment', 'bytes']]], ['operations', 'int32', 3],
    ]]],
  },
  { name: 'ListGroups', key: ApiKey.listGroups, min: 0, max: 2, request: [], response: [throttle(1), ['error', 'int16'], ['groups', [['id', 'string'], ['type', 'string']]]] },
  { name: 'ApiVersions', key: ApiKey.apiVersions, min: 0, max: 2, request: [], response: [['error', 'int16'], ['apis', [['key', 'int16'], ['min', 'int16'], ['max', 'int16']]], throttle(1)] },
  {
    name: 'CreateTopics', key: ApiKey.createTopics, min: 0, max: 4,
    request: [
      ['topics', [['name', 'string'], ['partitions', 'int32'], ['replication', 'int16'], ['assignments', [['partition', 'int32'], ['brokers', ['int32']]]], ['configs', [['name', 'string'], ['value', 'nullableString']]]]],
      ['timeout', 'int32'], ['validateOnly', 'boolean', 1],
    ],
    response: [throttle(2), ['topics', [...topicError, ['message', 'nullableString', 1]]]],
  },
  { name: 'DeleteTopics', key: ApiKey.deleteTopics, min: 0, max: 3, request: [['names', ['string']], ['timeout', 'int32']], response: [throttle(1), ['topics', topicError]] },
  {
    name: 'DeleteRecords', key: ApiKey.deleteRecords, min: 0, max: 1,
    request: [['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['offset', 'int64']]]]], ['timeout', 'int32']],
    response: [throttle(0), ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['startOffset', 'int64'], ['error', 'int16']]]]]],
  },
  {
    name: 'InitProducerId', key: ApiKey.initProducerId, min: 0, max: 1,
    request: [['transaction', 'nullableString'], ['timeout', 'int32']], response: [throttle(0), ['error', 'int16'], ['producer', 'int64'], ['epoch', 'int16']],
  },
  {
    name: 'OffsetForLeaderEpoch', key: ApiKey.offsetForLeaderEpoch, min: 0, max: 3,
    request: [['replica', 'int32', 3], ['topics', [['name', 'string'], ['partitions', [['index', 'int32'], ['current', 'int32', 2], ['epoch', 'int32']]]]]],
    response: [throttle(2), ['topics', [['name', 'string'], ['partitions', [['error', 'int16'], ['index', 'int32'], ['epoch', 'int32', 1], ['endOffset', 'int64']]]]]],
  },
  {
    name: 'DescribeConfigs', key: ApiKey.describeConfigs, min: 0, max: 3,
    request: [['resources', [['type', 'int8'], ['name', 'string'], ['keys', ['string']]]], ['synonyms', 'boolean', 1], ['documentation', 'boolean', 3]],
    response: [throttle(0), ['resources', [['error', 'int16'], ['message', 'nullableString'], ['type', 'int8'], ['name', 'string'], ['configs', [
      ['name', 'string'], ['value', 'nullableString'], ['readOnly', 'boolean'], ['isDefault', 'boolean', 0, 0], ['source', 'int8', 1], ['sensitive', 'boolean'],
      ['synonyms', [['name', 'string'], ['value', 'nullableString'], ['source', 'int8']], 1], ['type', 'int8', 3], ['documentation', 'nullableString', 3],
    ]]]]],
  },
  {
    name: 'CreatePartitions', key: ApiKey.createPartitions, min: 0, max: 1,
    request: [['topics', [['name', 'string'], ['total', 'int32'], ['assignments', [['brokers', ['int32']]]]]], ['timeout', 'int32'], ['validateOnly', 'boolean']],
    response: [throttle(0), ['topics', [...topicError, ['message', 'nullableString']]]],
  },
  { name: 'DeleteGroups', key: ApiKey.deleteGroups, min: 0, max: 1, request: [['groups', ['string']]], response: [throttle(0), ['groups', topicError]] },
  {
    name: 'IncrementalAlterConfigs', key: ApiKey.incrementalAlterConfigs, min: 0, max: 0,
    request: [['resources', [['type', 'int8'], ['name', 'string'], ['configs', [['name', 'string'], ['operation', 'int8'], ['value', 'nullableString']]]]], ['validateOnly', 'boolean']],
    response: [throttle(0), ['resources', [['error', 'int16'], ['message', 'nullableString'], ['type', 'int8'], ['name', 'string']]]],
  },
];

/** Writes `message` in a version; what it does not name is null, 0, false or empty. */
export function write(writer: Writer, fields: readonly Field[], message: Message, version: number): void {
  for (const field of spokenIn(fields, version)) {
    const [name, type] = field;
    if (typeof type === 'string') writeScalar(writer, type, message[name]);
    else {
      const items = message[name] === null ? null : ((message[name] ?? []) as Value[]);
      if (items === null) writer.int32(-1);
      else writer.array(items, (item) => (isScalars(type) ? writeScalar(writer, type[0], item) : write(writer, type, item as Message, version)));
    }
  }
}

/** Reads a message of a version. */
export function read(reader: Reader, fields: readonly Field[], version: number): Message {
  const message: Message = {};
  for (const [name, type] of spokenIn(fields, version)) {
    if (typeof type === 'string') message[name] = readScalar(reader, type);
    else message[name] = reader.array(() => (isScalars(type) ? readScalar(reader, type[0]) : read(reader, type, version)));
  }
  return message;
}

function spokenIn(fields: readonly Field[], version: number): readonly Field[] {
  return fields.filter(([, , since = 0, until = Infinity]) => version >= since && version <= until);
}

function isScalars(type: readonly Field[] | readonly [Scalar]): type is readonly [Scalar] {
  return typeof type[0] === 'string';
}

function writeScalar(writer: Writer, type: Scalar, value: Value): void {
  switch (type) {
    case 'int64': return void writer.int64(BigInt((value as number | undefined) ?? 0));
    case 'boolean': return void writer.boolean(value === true);
    case 'string': return void writer.string((value as string | undefined) ?? '');
    case 'nullableString': return void writer.string((value as string | undefined) ?? null);
    case 'bytes': return void writer.bytes((value as Buffer | undefined) ?? null);
    default: return void writer[type]((value as number | undefined) ?? 0);
  }
}

function readScalar(reader: Reader, type: Scalar): Value {
  switch (type) {
    case 'int64': return Number(reader.int64());
    case 'bytes': return reader.nullableBytes();
    default: return reader[type]();
  }
}
