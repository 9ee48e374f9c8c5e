import { ApiKey } from '../../kafka/api-keys.ts';
import { NEVER, type Api } from '../../kafka/apis/api.ts';

// The classic group protocol, as a member speaks it (kafka.apache.org/protocol): versions that Kafka 2.1 to 4.x and our broker share.

/** Who a member is in one generation of its group. */
export interface Generation {
  group: string;
  generation: number;
  member: string;
}

export interface JoinRequest {
  group: string;
  /** Empty for a new member. */
  member: string;
  sessionTimeoutMs: number;
  /** How long the others may take to come back before they are left out. */
  rebalanceTimeoutMs: number;
  protocol: string;
  metadata: Buffer;
}

export interface Joined {
  error: number;
  generation: number;
  leader: string;
  member: string;
  /** Only the leader is told the members. */
  members: { member: string; metadata: Buffer }[];
}

const NOTHING = Buffer.alloc(0);

export const joinGroup: Api<JoinRequest, Joined> = {
  name: 'JoinGroup',
  key: ApiKey.joinGroup,
  min: 2,
  max: 4,
  flexible: NEVER,
  encode(writer, { group, sessionTimeoutMs, rebalanceTimeoutMs, member, protocol, metadata }) {
    writer.string(group).int32(sessionTimeoutMs).int32(rebalanceTimeoutMs).string(member).string('consumer');
    writer.array([protocol], (name) => writer.string(name).bytes(metadata));
  },
  decode(reader) {
    reader.int32();
    const head = { error: reader.int16(), generation: reader.int32() };
    reader.nullableString();
    const leader = reader.nullableString() ?? '';
    const member = reader.nullableString() ?? '';
    const members = reader.array(() => ({ member: reader.string(), metadata: reader.nullableBytes() ?? NOTHING }));
    return { ...head, leader, member, members };
  },
};

export const syncGroup: Api<Generation & { assignments: readonly { member: string; assignment: Buffer }[] }, { error: number; assignment: Buffer }> = {
  name: 'SyncGroup',
  key: ApiKey.syncGroup,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode(writer, { group, generation, member, assignments }) {
    writer.string(group).int32(generation).string(member);
    writer.array(assignments, (item) => writer.string(item.member).bytes(item.assignment));
  },
  decode(reader) {
    reader.int32();
    return { error: reader.int16(), assignment: reader.nullableBytes() ?? NOTHING };
  },
};

export const heartbeat: Api<Generation, { error: number }> = {
  name: 'Heartbeat',
  key: ApiKey.heartbeat,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode: (writer, { group, generation, member }) => void writer.string(group).int32(generation).string(member),
  decode(reader) {
    reader.int32();
    return { error: reader.int16() };
  },
};

export const leaveGroup: Api<{ group: string; member: string }, { error: number }> = {
  name: 'LeaveGroup',
  key: ApiKey.leaveGroup,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode: (writer, { group, member }) => void writer.string(group).string(member),
  decode(reader) {
    reader.int32();
    return { error: reader.int16() };
  },
};

export interface OffsetToCommit {
  topic: string;
  partition: number;
  /** The next one to be read. */
  offset: number;
}

/** Commits offsets as a member of a generation; the broker's own retention decides how long they are kept. */
export const offsetCommit: Api<Generation & { offsets: readonly OffsetToCommit[] }, { topic: string; partition: number; error: number }[]> = {
  name: 'OffsetCommit',
  key: ApiKey.offsetCommit,
  min: 2,
  max: 6,
  flexible: NEVER,
  encode(writer, { group, generation, member, offsets }, version) {
    writer.string(group).int32(generation).string(member);
    if (version <= 4) writer.int64(-1n);
    writer.array(offsets, ({ topic, partition, offset }) => {
      writer.string(topic).array([offset], (value) => {
        writer.int32(partition).int64(BigInt(value));
        if (version >= 6) writer.int32(-1);
        writer.string('');
      });
    });
  },
  decode(reader, version) {
    if (version >= 3) reader.int32();
    return reader
      .array(() => {
        const topic = reader.string();
        return reader.array(() => ({ topic, partition: reader.int32(), error: reader.int16() }));
      })
      .flat();
  },
};
