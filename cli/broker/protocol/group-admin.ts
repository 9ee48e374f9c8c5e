import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE, OPERATIONS_UNKNOWN } from './api.ts';

export interface ListGroupsResponse {
  groups: { id: string; protocolType: string }[];
}

export const listGroups: Api<object, ListGroupsResponse> = {
  key: ApiKey.listGroups,
  min: 0,
  max: 2,
  decode: () => ({}),
  encode: (frame, { groups }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.int16(0).array(groups, ({ id, protocolType }) => frame.string(id).string(protocolType));
  },
};

export interface DescribeGroupsResponse {
  groups: {
    id: string;
    /** A group's state in Kafka's words; `Dead` is one that does not exist. */
    state: string;
    protocolType: string;
    protocol: string;
    members: { id: string; clientId: string; clientHost: string; metadata: Buffer; assignment: Buffer }[];
  }[];
}

export const describeGroups: Api<{ groups: string[] }, DescribeGroupsResponse> = {
  key: ApiKey.describeGroups,
  min: 0,
  max: 4,
  decode: (reader) => ({ groups: reader.array(() => reader.string()) }),
  encode: (frame, { groups }, version) => {
    if (version >= 1) frame.int32(NO_THROTTLE);
    frame.array(groups, ({ id, state, protocolType, protocol, members }) => {
      frame.int16(0).string(id).string(state).string(protocolType).string(protocol);
      frame.array(members, (member) => {
        frame.string(member.id);
        if (version >= 4) frame.string(null); // no static members
        frame.string(member.clientId).string(member.clientHost).bytes(member.metadata).bytes(member.assignment);
      });
      if (version >= 3) frame.int32(OPERATIONS_UNKNOWN);
    });
  },
};

export interface DeleteGroupsResponse {
  groups: { id: string; error: number }[];
}

export const deleteGroups: Api<{ groups: string[] }, DeleteGroupsResponse> = {
  key: ApiKey.deleteGroups,
  min: 0,
  max: 1,
  decode: (reader) => ({ groups: reader.array(() => reader.string()) }),
  encode: (frame, { groups }) => {
    frame.int32(NO_THROTTLE).array(groups, ({ id, error }) => frame.string(id).int16(error));
  },
};
