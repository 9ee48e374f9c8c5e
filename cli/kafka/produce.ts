import { produce } from './apis/produce.ts';
import { type Cluster, patiently } from './cluster.ts';
import { ErrorCode } from './error-codes.ts';
import { check, KafkaError } from './failures.ts';
import { leaderOf, partitionKey, type TopicPartition } from './offsets.ts';
import { encodeBatch, type NewRecord } from './record-batch.ts';

/** How long the leader may wait for its followers. */
const ACKNOWLEDGE_MS = 10_000;

/**
 * Appends one record, acknowledged by all in-sync replicas, and returns its offset. Tried again while the leader moves, so
 * that after a lost answer it may lie there twice: producers here are not idempotent, consumers of the platform are.
 */
export function produceRecord(cluster: Cluster, to: TopicPartition, record: NewRecord): Promise<number> {
  const batch = encodeBatch([record]);
  return patiently(async () => {
    const leader = leaderOf(await cluster.metadata([to.topic]), to);
    if (leader === undefined) throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, partitionKey(to));
    const connection = await cluster.broker(leader);
    const [answer] = await connection.call(produce, { timeoutMs: ACKNOWLEDGE_MS, topics: [{ topic: to.topic, partitions: [{ partition: to.partition, batch }] }] });
    if (!answer) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, partitionKey(to), 'the broker said nothing of it');
    check(answer.error, `publish to ${partitionKey(to)}`, answer.message);
    return answer.baseOffset;
  });
}
