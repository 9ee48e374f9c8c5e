import { ApiKey } from '../../kafka/api-keys.ts';
import type { Joined, Protocol, Synced } from '../groups/member.ts';
import { type Api, NO_THROTTLE } from './api.ts';

// The versions end before static membership (group.instance.id) begins: a client that is set to it learns from
// ApiVersions that it cannot have it, and says so.

export interface JoinGroupRequest {
  group: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  memberId: string;
  protocolType: string;
  protocols: Protocol[];
}

export const joinGroup: Api<JoinGroupRequest, Joined> = {
  key: ApiKey.joinGroup,
  min: 0,
  max: 4,
  decode: (reader, version) => {
    const group = reader.string();
    const sessionTimeoutMs = reader.int32();
    const rebalanceTimeoutMs = version >= 1 ? reader.int32() : sessionTimeoutMs;
    const memberId = reader.string();
    const protocolType = reader.string();
    // Copied: the group keeps it, the frame goes.
    const protocols = reader.array(() => ({ name: reader.string(), metadata: Buffer.from(reader.nullableBytes() ?? []) }));
    return { group, sessionTimeoutMs, rebalanceTimeoutMs, memberId, protocolType, protocols };
  },
  encode: (frame, joined, version) => {
    if (version >= 2) frame.int32(NO_THROTTLE);
    frame.int16(joined.error).int32(joined.generation).string(joined.protocol).string(joined.leader).string(joined.memberId);
    frame.array(joined.members, ({ memberId, metadata }) => frame.string(memberId).bytes(metadata));
  },
};

export interface SyncGroupRequest {
  group: string;
  generation: number;
  memberId: string;
  assignments: { memberId: string; assignment: Buffer }[];
}

export const syncGroup: Api<SyncGroupRequest, Synced> = {
  key: ApiKey.syncGroup,
  min: 0,
  max: 2,
  decode: (reader) => ({
    group: reader.string(),
    generation: reader.int32(),
    memberId: reader.string(),
    assignments: reader.array(() => ({ memberId: reader.string(), assignment: reader.nullableBytes() ?? Buffer.alloc(0) })),
  }),
  encode: (frame, { error, assignment }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.int16(error).bytes(assignment);
  },
};

export interface HeartbeatRequest {
  group: string;
  generation: number;
  memberId: string;
}

export const heartbeat: Api<HeartbeatRequest, { error: number }> = {
  key: ApiKey.heartbeat,
  min: 0,
  max: 2,
  decode: (reader) => ({ group: reader.string(), generation: reader.int32(), memberId: reader.string() }),
  encode: (frame, { error }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.int16(error);
  },
};

export interface LeaveGroupRequest {
  group: string;
  memberId: string;
}

export const leaveGroup: Api<LeaveGroupRequest, { error: number }> = {
  key: ApiKey.leaveGroup,
  min: 0,
  max: 2,
  decode: (reader) => ({ group: reader.string(), memberId: reader.string() }),
  encode: heartbeat.encode,
};
