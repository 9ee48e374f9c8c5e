import { ErrorCode } from '../../kafka/error-codes.ts';
import type { Committed } from '../offsets.ts';
import type { OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse } from '../protocol/offsets.ts';
import { type Handler, storageError } from './context.ts';

/** Kafka's offset.metadata.max.bytes. */
const LONGEST_METADATA = 4096;

export const offsetCommitHandler: Handler<OffsetCommitRequest, OffsetCommitResponse> = (request, { topics, offsets, coordinator, log }) => {
  const { group, memberId, generation } = request;
  const allowed = coordinator.mayCommit(group, memberId, generation);
  const judged = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((commit) => ({ ...commit, error: allowed === ErrorCode.NONE ? judge(commit.metadata, topics.partition(name, commit.index)) : allowed })),
  }));
  const good = judged.flatMap(({ name, partitions }) =>
    partitions.filter(({ error }) => error === ErrorCode.NONE).map(({ index, offset, metadata }) => ({ topic: name, partition: index, committed: { offset, metadata } })),
  );
  try {
    offsets.commit(group, good);
  } catch (error) {
    storageError(error, log, `committing offsets of ${group}`);
    // The one storage error that every client answers by trying again.
    for (const { partitions } of judged) for (const one of partitions) if (one.error === ErrorCode.NONE) one.error = ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }
  return { topics: judged };
};

function judge(metadata: string | null, partition: object | undefined): number {
  if (!partition) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return metadata !== null && Buffer.byteLength(metadata) > LONGEST_METADATA ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE;
}

export const offsetFetchHandler: Handler<OffsetFetchRequest, OffsetFetchResponse> = ({ group, topics }, { offsets }) => {
  const wanted = topics ?? [...offsets.of(group)].map(([name, partitions]) => ({ name, partitions: [...partitions.keys()] }));
  return {
    error: ErrorCode.NONE,
    topics: wanted.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((index) => ({ index, error: ErrorCode.NONE, ...committed(offsets.get(group, name, index)) })),
    })),
  };
};

function committed(found: Committed | undefined): Committed {
  return found ?? { offset: -1, metadata: '' };
}
