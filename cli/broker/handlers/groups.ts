import { ErrorCode } from '../../kafka/error-codes.ts';
import type { Group } from '../groups/group.ts';
import type { Joined, Synced } from '../groups/member.ts';
import { NO_BYTES } from '../groups/member.ts';
import type { DeleteGroupsResponse, DescribeGroupsResponse, ListGroupsResponse } from '../protocol/group-admin.ts';
import type { HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest } from '../protocol/membership.ts';
import type { Handler } from './context.ts';

/** From this version on a new member is first told its id. */
const IDS_FIRST = 4;

export const joinGroupHandler: Handler<JoinGroupRequest, Joined> = ({ group, ...request }, { coordinator }, client) =>
  coordinator.join(group, { ...request, clientId: client.id, clientHost: client.host, idRequired: client.version >= IDS_FIRST });

export const syncGroupHandler: Handler<SyncGroupRequest, Synced> = ({ group, memberId, generation, assignments }, { coordinator }) =>
  coordinator.sync(group, memberId, generation, assignments);

export const heartbeatHandler: Handler<HeartbeatRequest, { error: number }> = ({ group, memberId, generation }, { coordinator }) => ({
  error: coordinator.heartbeat(group, memberId, generation),
});

export const leaveGroupHandler: Handler<LeaveGroupRequest, { error: number }> = ({ group, memberId }, { coordinator }) => ({
  error: coordinator.leave(group, memberId),
});

export const listGroupsHandler: Handler<object, ListGroupsResponse> = (_, { coordinator }) => ({
  groups: coordinator.list().map(({ id, protocolType }) => ({ id, protocolType })),
});

export const describeGroupsHandler: Handler<{ groups: string[] }, DescribeGroupsResponse> = ({ groups }, { coordinator }) => ({
  groups: groups.map((id) => {
    const group = coordinator.describe(id);
    return group ? describe(group) : { id, state: 'Dead', protocolType: '', protocol: '', members: [] };
  }),
});

export const deleteGroupsHandler: Handler<{ groups: string[] }, DeleteGroupsResponse> = ({ groups }, { coordinator }) => ({
  groups: groups.map((id) => ({ id, error: id === '' ? ErrorCode.INVALID_GROUP_ID : coordinator.remove(id) })),
});

function describe(group: Group): DescribeGroupsResponse['groups'][number] {
  const { id, state, protocolType, protocol } = group;
  const members = [...group.members.values()].map((member) => ({
    id: member.id,
    clientId: member.clientId,
    clientHost: member.clientHost,
    metadata: member.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES,
    assignment: member.assignment,
  }));
  return { id, state, protocolType, protocol, members };
}
