// Requests that todoctl itself never sends, for the contract suite: written down as in cli/kafka/apis.
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { type Api, NEVER } from '../../../cli/kafka/apis/api.ts';

export interface Join {
  group: string;
  memberId: string;
  sessionMs?: number;
  rebalanceMs?: number;
  protocolType?: string;
  protocols?: { name: string; metadata: Buffer }[];
}

export interface Joined {
  error: number;
  generation: number;
  protocol: string;
  leader: string;
  memberId: string;
  members: { memberId: string; metadata: Buffer }[];
}

export const joinGroup: Api<Join, Joined> = {
  name: 'JoinGroup',
  key: ApiKey.joinGroup,
  min: 2,
  max: 4,
  flexible: NEVER,
  encode(writer, { group, memberId, sessionMs = 6000, rebalanceMs = 10_000, protocolType = 'consumer', protocols = [{ name: 'range', metadata: Buffer.from('m') }] }) {
    writer.string(group).int32(sessionMs).int32(rebalanceMs).string(memberId).string(protocolType);
    writer.array(protocols, ({ name, metadata }) => writer.string(name).bytes(metadata));
  },
  decode(reader) {
    reader.int32();
    const head = { error: reader.int16(), generation: reader.int32(), protocol: reader.nullableString() ?? '', leader: reader.string(), memberId: reader.string() };
    return { ...head, members: reader.array(() => ({ memberId: reader.string(), metadata: reader.nullableBytes() as Buffer })) };
  },
};

export interface Sync {
  group: string;
  generation: number;
  memberId: string;
  assignments?: { memberId: string; assignment: Buffer }[];
}

export const syncGroup: Api<Sync, { error: number; assignment: string }> = {
  name: 'SyncGroup',
  key: ApiKey.syncGroup,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode(writer, { group, generation, memberId, assignments = [] }) {
    writer.string(group).int32(generation).string(memberId);
    writer.array(assignments, (given) => writer.string(given.memberId).bytes(given.assignment));
  },
  decode(reader) {
    reader.int32();
    return { error: reader.int16(), assignment: reader.nullableBytes()?.toString() ?? '' };
  },
};

export const heartbeat: Api<{ group: string; generation: number; memberId: string }, number> = {
  name: 'Heartbeat',
  key: ApiKey.heartbeat,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode: (writer, { group, generation, memberId }) => void writer.string(group).int32(generation).string(memberId),
  decode(reader) {
    reader.int32();
    return reader.int16();
  },
};

export const leaveGroup: Api<{ group: string; memberId: string }, number> = {
  name: 'LeaveGroup',
  key: ApiKey.leaveGroup,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode: (writer, { group, memberId }) => void writer.string(group).string(memberId),
  decode(reader) {
    reader.int32();
    return reader.int16();
  },
};

export interface Commit {
  group: string;
  generation?: number;
  memberId?: string;
  topic: string;
  partition: number;
  offset: number;
  metadata?: string;
}

/** Commits for one partition; answers its error. */
export const offsetCommit: Api<Commit, number> = {
  name: 'OffsetCommit',
  key: ApiKey.offsetCommit,
  min: 5,
  max: 6,
  flexible: NEVER,
  encode(writer, { group, generation = -1, memberId = '', topic, partition, offset, metadata = '' }, version) {
    writer.string(group).int32(generation).string(memberId).int32(1).string(topic).int32(1).int32(partition).int64(BigInt(offset));
    if (version >= 6) writer.int32(-1);
    writer.string(metadata);
  },
  decode(reader) {
    reader.int32();
    const [error] = reader.array(() => {
      reader.string();
      return reader.array(() => [reader.int32(), reader.int16()][1] as number);
    }).flat();
    return error as number;
  },
};

/** What a group committed for named partitions of one topic. */
export const offsetFetchOf: Api<{ group: string; topic: string; partitions: number[] }, { partition: number; offset: number; metadata: string | null; error: number }[]> = {
  name: 'OffsetFetch',
  key: ApiKey.offsetFetch,
  min: 3,
  max: 4,
  flexible: NEVER,
  encode: (writer, { group, topic, partitions }) => void writer.string(group).int32(1).string(topic).array(partitions, (partition) => writer.int32(partition)),
  decode(reader) {
    reader.int32();
    return reader.array(() => {
      reader.string();
      return reader.array(() => ({ partition: reader.int32(), offset: Number(reader.int64()), metadata: reader.nullableString(), error: reader.int16() }));
    }).flat();
  },
};

export const initProducerId: Api<{ transactionalId: string | null }, { error: number; producerId: number; epoch: number }> = {
  name: 'InitProducerId',
  key: ApiKey.initProducerId,
  min: 0,
  max: 1,
  flexible: NEVER,
  encode: (writer, { transactionalId }) => void writer.string(transactionalId).int32(60_000),
  decode(reader) {
    reader.int32();
    return { error: reader.int16(), producerId: Number(reader.int64()), epoch: reader.int16() };
  },
};

export const deleteRecords: Api<{ topic: string; partition: number; before: number }, { startOffset: number; error: number }> = {
  name: 'DeleteRecords',
  key: ApiKey.deleteRecords,
  min: 0,
  max: 1,
  flexible: NEVER,
  encode: (writer, { topic, partition, before }) => void writer.int32(1).string(topic).int32(1).int32(partition).int64(BigInt(before)).int32(10_000),
  decode(reader) {
    reader.int32();
    const [answer] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        return { startOffset: Number(reader.int64()), error: reader.int16() };
      });
    }).flat();
    return answer as { startOffset: number; error: number };
  },
};

export const offsetForLeaderEpoch: Api<{ topic: string; partition: number; epoch: number }, { error: number; epoch: number; endOffset: number }> = {
  name: 'OffsetForLeaderEpoch',
  key: ApiKey.offsetForLeaderEpoch,
  min: 2,
  max: 2,
  flexible: NEVER,
  encode: (writer, { topic, partition, epoch }) => void writer.int32(1).string(topic).int32(1).int32(partition).int32(-1).int32(epoch),
  decode(reader) {
    reader.int32();
    const [answer] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        const error = reader.int16();
        reader.int32();
        return { error, epoch: reader.int32(), endOffset: Number(reader.int64()) };
      });
    }).flat();
    return answer as { error: number; epoch: number; endOffset: number };
  },
};

export const deleteGroups: Api<{ groups: string[] }, { group: string; error: number }[]> = {
  name: 'DeleteGroups',
  key: ApiKey.deleteGroups,
  min: 0,
  max: 1,
  flexible: NEVER,
  encode: (writer, { groups }) => void writer.array(groups, (group) => writer.string(group)),
  decode(reader) {
    reader.int32();
    return reader.array(() => ({ group: reader.string(), error: reader.int16() }));
  },
};

export const describeCluster: Api<null, { error: number; clusterId: string; controller: number; brokers: { id: number; host: string; port: number }[] }> = {
  name: 'DescribeCluster',
  key: ApiKey.describeCluster,
  min: 0,
  max: 0,
  flexible: 0,
  encode: (writer) => void writer.boolean(false).tags(),
  decode(reader) {
    reader.int32();
    const error = reader.int16();
    reader.compactNullableString();
    const head = { error, clusterId: reader.compactString(), controller: reader.int32() };
    const brokers = reader.compactArray(() => {
      const broker = { id: reader.int32(), host: reader.compactString(), port: reader.int32() };
      reader.compactNullableString();
      reader.tags();
      return broker;
    });
    return { ...head, brokers };
  },
};
