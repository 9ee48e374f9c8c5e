import type { Address } from '../access.ts';
import { ApiKey } from '../api-keys.ts';
import { type Api, NEVER } from './api.ts';

/** The broker that keeps a group's offsets. */
export const findCoordinator: Api<{ group: string }, { error: number; node: number; address: Address }> = {
  name: 'FindCoordinator',
  key: ApiKey.findCoordinator,
  min: 0,
  max: 2,
  flexible: NEVER,
  encode(writer, request, version) {
    writer.string(request.group);
    if (version >= 1) writer.int8(0);
  },
  decode(reader, version) {
    if (version >= 1) reader.int32();
    const error = reader.int16();
    if (version >= 1) reader.nullableString();
    return { error, node: reader.int32(), address: { host: reader.string(), port: reader.int32() } };
  },
};

/** The groups that one broker coordinates. */
export const listGroups: Api<null, { error: number; groups: { group: string; protocolType: string }[] }> = {
  name: 'ListGroups',
  key: ApiKey.listGroups,
  min: 0,
  max: 2,
  flexible: NEVER,
  encode: () => undefined,
  decode(reader, version) {
    if (version >= 1) reader.int32();
    return { error: reader.int16(), groups: reader.array(() => ({ group: reader.string(), protocolType: reader.string() })) };
  },
};

export interface GroupDescription {
  error: number;
  group: string;
  /** `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Dead`. */
  state: string;
  members: number;
}

/** State and size of groups. KIP-848 groups answer GROUP_ID_NOT_FOUND here; their offsets are read all the same. */
export const describeGroups: Api<{ groups: readonly string[] }, GroupDescription[]> = {
  name: 'DescribeGroups',
  key: ApiKey.describeGroups,
  min: 0,
  max: 2,
  flexible: NEVER,
  encode: (writer, request) => void writer.array(request.groups, (group) => writer.string(group)),
  decode(reader, version) {
    if (version >= 1) reader.int32();
    return reader.array(() => {
      const head = { error: reader.int16(), group: reader.string(), state: reader.string() };
      reader.string();
      reader.string();
      const members = reader.array(() => {
        for (let text = 0; text < 3; text++) reader.string();
        reader.nullableBytes();
        reader.nullableBytes();
      });
      return { ...head, members: members.length };
    });
  },
};

export interface CommittedOffset {
  topic: string;
  partition: number;
  /** -1 when nothing was committed. */
  offset: number;
  error: number;
}

/** All offsets that a group has committed. */
export const offsetFetch: Api<{ group: string }, { error: number; offsets: CommittedOffset[] }> = {
  name: 'OffsetFetch',
  key: ApiKey.offsetFetch,
  min: 2,
  max: 5,
  flexible: NEVER,
  encode: (writer, request) => void writer.string(request.group).int32(-1),
  decode(reader, version) {
    if (version >= 3) reader.int32();
    const offsets = reader.array(() => {
      const topic = reader.string();
      return reader.array(() => {
        const partition = reader.int32();
        const offset = Number(reader.int64());
        if (version >= 5) reader.int32();
        reader.nullableString();
        return { topic, partition, offset, error: reader.int16() };
      });
    });
    return { error: reader.int16(), offsets: offsets.flat() };
  },
};
