import { loadCodec } from '../../kafka/compression.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { codecId, type KafkaRecord, readRecords } from '../../kafka/record-batch.ts';
import { MalformedFrame } from '../../kafka/wire.ts';
import type { Partition } from '../log/partition.ts';
import type { LeaderEpochRequest, LeaderEpochResponse } from '../protocol/leader-epoch.ts';
import { EARLIEST, LATEST, type ListOffsetsRequest, type ListOffsetsResponse, MAX_TIMESTAMP } from '../protocol/list-offsets.ts';
import type { Handler } from './context.ts';
import { epochError, LEADER_EPOCH } from './epoch.ts';

interface Found {
  error: number;
  timestamp: number;
  offset: number;
}

const NOTHING: Found = { error: ErrorCode.NONE, timestamp: -1, offset: -1 };

export const listOffsetsHandler: Handler<ListOffsetsRequest, ListOffsetsResponse> = async ({ topics }, broker) => {
  const answered = topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      partitions.map(async ({ index, leaderEpoch, timestamp }) => {
        const partition = broker.topics.partition(name, index);
        const error = partition ? epochError(leaderEpoch) : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        return { index, ...(partition && error === ErrorCode.NONE ? await find(partition, timestamp) : { ...NOTHING, error }) };
      }),
    ),
  }));
  return { topics: await Promise.all(answered) };
};

async function find(partition: Partition, timestamp: number): Promise<Found> {
  if (timestamp === LATEST) return { ...NOTHING, offset: partition.endOffset };
  if (timestamp === EARLIEST) return { ...NOTHING, offset: partition.startOffset };
  if (timestamp === MAX_TIMESTAMP) return partition.latestTime < 0 ? NOTHING : findByTime(partition, partition.latestTime);
  return timestamp < 0 ? { ...NOTHING, error: ErrorCode.INVALID_REQUEST } : findByTime(partition, timestamp);
}

/** The first record that is not older than `timestamp`. The only place where the broker unpacks a batch. */
async function findByTime(partition: Partition, timestamp: number): Promise<Found> {
  const batch = partition.batchAtTime(timestamp);
  if (!batch) return NOTHING;
  try {
    const codec = await loadCodec(codecId(batch, 0));
    const record = first(readRecords(batch, 0, codec), (one) => one.timestamp >= timestamp && one.offset >= partition.startOffset);
    return record ? { error: ErrorCode.NONE, timestamp: record.timestamp, offset: record.offset } : NOTHING;
  } catch (error) {
    if (error instanceof MalformedFrame) return { ...NOTHING, error: ErrorCode.CORRUPT_MESSAGE };
    throw error;
  }
}

function first(records: Iterable<KafkaRecord>, fits: (record: KafkaRecord) => boolean): KafkaRecord | undefined {
  for (const record of records) if (fits(record)) return record;
  return undefined;
}

export const leaderEpochHandler: Handler<LeaderEpochRequest, LeaderEpochResponse> = ({ topics }, broker) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, leaderEpoch }) => {
      const partition = broker.topics.partition(name, index);
      if (!partition) return { index, error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, leaderEpoch: -1, endOffset: -1 };
      const known = leaderEpoch === LEADER_EPOCH;
      return { index, error: ErrorCode.NONE, leaderEpoch: known ? LEADER_EPOCH : -1, endOffset: known ? partition.endOffset : -1 };
    }),
  })),
});
