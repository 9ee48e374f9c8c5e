import { ErrorCode } from '../kafka/error-codes.ts';
import { Reader } from '../kafka/wire.ts';
import { describeClusterHandler, findCoordinatorHandler, initProducerIdHandler, metadataHandler } from './handlers/cluster.ts';
import { describeConfigsHandler, incrementalAlterConfigsHandler } from './handlers/configs.ts';
import type { BrokerContext, ClientContext, Handler } from './handlers/context.ts';
import { fetchHandler } from './handlers/fetch.ts';
import {
  deleteGroupsHandler, describeGroupsHandler, heartbeatHandler, joinGroupHandler, leaveGroupHandler, listGroupsHandler, syncGroupHandler,
} from './handlers/groups.ts';
import { leaderEpochHandler, listOffsetsHandler } from './handlers/list-offsets.ts';
import { offsetCommitHandler, offsetFetchHandler } from './handlers/offsets.ts';
import { produceHandler } from './handlers/produce.ts';
import { createPartitionsHandler, createTopicsHandler, deleteRecordsHandler, deleteTopicsHandler } from './handlers/topics.ts';
import { type Api, Frame } from './protocol/api.ts';
import { apiVersions } from './protocol/api-versions.ts';
import { describeCluster, findCoordinator } from './protocol/cluster.ts';
import { describeConfigs, incrementalAlterConfigs } from './protocol/configs.ts';
import { fetch } from './protocol/fetch.ts';
import { deleteGroups, describeGroups, listGroups } from './protocol/group-admin.ts';
import { offsetForLeaderEpoch } from './protocol/leader-epoch.ts';
import { listOffsets } from './protocol/list-offsets.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './protocol/membership.ts';
import { metadata } from './protocol/metadata.ts';
import { offsetCommit, offsetFetch } from './protocol/offsets.ts';
import { produce } from './protocol/produce.ts';
import { initProducerId } from './protocol/producer-id.ts';
import { createPartitions, createTopics, deleteRecords, deleteTopics } from './protocol/topics.ts';

/** What stands before every request. */
interface RequestHeader {
  version: number;
  correlation: number;
}

interface Route {
  readonly key: number;
  readonly min: number;
  readonly max: number;
  readonly flexibleFrom: number;
  answer(reader: Reader, header: RequestHeader, broker: BrokerContext, client: ClientContext): Answer | Promise<Answer>;
}

/** The pieces of a response frame; undefined where none is wanted. */
export type Answer = Buffer[] | undefined;

/** A request that this broker does not speak. ApiVersions says so before, so the connection is closed, as Kafka does. */
export class NotSpoken extends Error {
  override readonly name = 'NotSpoken';
}

const ROUTES: ReadonlyMap<number, Route> = new Map(
  [
    route(produce, produceHandler),
    route(fetch, fetchHandler),
    route(listOffsets, listOffsetsHandler),
    route(metadata, metadataHandler),
    route(offsetCommit, offsetCommitHandler),
    route(offsetFetch, offsetFetchHandler),
    route(findCoordinator, findCoordinatorHandler),
    route(joinGroup, joinGroupHandler),
    route(heartbeat, heartbeatHandler),
    route(leaveGroup, leaveGroupHandler),
    route(syncGroup, syncGroupHandler),
    route(describeGroups, describeGroupsHandler),
    route(listGroups, listGroupsHandler),
    route(apiVersions, () => ({ error: ErrorCode.NONE, apis: spoken() })),
    route(createTopics, createTopicsHandler),
    route(deleteTopics, deleteTopicsHandler),
    route(deleteRecords, deleteRecordsHandler),
    route(initProducerId, initProducerIdHandler),
    route(offsetForLeaderEpoch, leaderEpochHandler),
    route(describeConfigs, describeConfigsHandler),
    route(createPartitions, createPartitionsHandler),
    route(deleteGroups, deleteGroupsHandler),
    route(incrementalAlterConfigs, incrementalAlterConfigsHandler),
    route(describeCluster, describeClusterHandler),
  ].map((one) => [one.key, one]),
);

/** What this broker speaks, as ApiVersions tells it. */
export function spoken(): { key: number; min: number; max: number }[] {
  return [...ROUTES.values()].map(({ key, min, max }) => ({ key, min, max }));
}

/** Answers one request frame (without its length). Throws MalformedFrame and NotSpoken; both end the connection. */
export function dispatch(bytes: Buffer, broker: BrokerContext, host: string, gone: AbortSignal): Answer | Promise<Answer> {
  const reader = new Reader(bytes);
  const [key, version, correlation] = [reader.int16(), reader.int16(), reader.int32()];
  const found = ROUTES.get(key);
  if (!found) throw new NotSpoken(`request ${key} is not spoken here`);
  if (version < found.min || version > found.max) {
    if (key === apiVersions.key) return versionsForAll(correlation);
    throw new NotSpoken(`request ${key} is spoken in versions ${found.min} to ${found.max}, not ${version}`);
  }
  const id = reader.nullableString() ?? '';
  if (version >= found.flexibleFrom) reader.tags();
  return found.answer(reader, { version, correlation }, broker, { version, id, host, gone });
}

function route<Request, Response>(api: Api<Request, Response>, handle: Handler<Request, Response>): Route {
  const { key, min, max, flexibleFrom = Infinity } = api;
  const write = ({ version, correlation }: RequestHeader, response: Response | undefined): Answer => {
    if (response === undefined) return undefined;
    const frame = new Frame();
    frame.int32(correlation);
    if (version >= flexibleFrom && key !== apiVersions.key) frame.tags();
    api.encode(frame, response, version);
    return frame.chunks();
  };
  return {
    key,
    min,
    max,
    flexibleFrom,
    answer: (reader, header, broker, client) => {
      const response = handle(api.decode(reader, header.version), broker, client);
      return response instanceof Promise ? response.then((later) => write(header, later)) : write(header, response);
    },
  };
}

/** A client that is too new is told in version 0, which every client reads, what there is (KIP-511). */
function versionsForAll(correlation: number): Answer {
  const frame = new Frame();
  frame.int32(correlation);
  apiVersions.encode(frame, { error: ErrorCode.UNSUPPORTED_VERSION, apis: spoken() }, 0);
  return frame.chunks();
}
