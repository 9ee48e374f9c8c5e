import type { Log } from '../../io/json-log.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { offsetFetch } from '../../kafka/apis/groups.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { check, KafkaError } from '../../kafka/failures.ts';
import type { KafkaRecord } from '../../kafka/record-batch.ts';
import type { Clock } from '../../io/clock.ts';
import type { TopicPartition } from './assignment.ts';
import { fetchLoop, type InitialOffset } from './fetch-loop.ts';
import { heartbeat, offsetCommit, type Generation } from './membership-apis.ts';
import { RecordQueue } from './record-queue.ts';

/** One partition in the hands of this member, as its consumer sees it. */
export interface Claim extends TopicPartition {
  /** See RecordQueue.take: empty when the claim has ended. */
  take(max: number, awaitMs: number): Promise<KafkaRecord[]>;
  /** Everything up to and with this record is done. */
  mark(record: KafkaRecord): void;
  /** Fires when the claim ends: finish what is in flight, start nothing new. */
  stop: AbortSignal;
}

export interface SessionOptions {
  cluster: Cluster;
  generation: Generation;
  claims: readonly TopicPartition[];
  initial: InitialOffset;
  heartbeatMs: number;
  /** Called once per claim; the session ends when all calls have returned. Must not throw. */
  consume: (claim: Claim) => Promise<void>;
  clock: Clock;
  log: Log;
  /** Ends the session. */
  stop: AbortSignal;
}

const LOW_WATER = 256;
const COMMIT_MS = 1000;

/**
 * One generation of a group membership: reads and consumes the assigned partitions, keeps the membership alive and commits what
 * was marked, every second and at the end. Resolves when it is stopped or the group rebalances; rejects when the broker throws us out.
 */
export async function runSession(options: SessionOptions): Promise<void> {
  const { cluster, generation, claims, initial, clock, log, stop } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  const offsets = new Offsets();
  const committed = await committedOffsets(cluster, generation.group);
  const consumers = claims.map(async (claim) => {
    const queue = new RecordQueue<KafkaRecord>(LOW_WATER);
    signal.addEventListener('abort', () => queue.close(), { once: true });
    const at = committed.get(`${claim.topic}/${claim.partition}`) ?? -1;
    const reading = fetchLoop({ cluster, claim, committed: at, initial, queue, clock, log, stop: signal });
    await options.consume({ ...claim, stop: signal, take: (max, awaitMs) => queue.take(max, awaitMs), mark: ({ offset }) => offsets.mark(claim, offset + 1) });
    await reading;
  });
  const drained = new AbortController();
  const beating = keepAlive(options, offsets, { end: () => ended.abort(), drained: drained.signal }).finally(() => ended.abort());
  if (claims.length === 0) await aborted(signal);
  await Promise.allSettled(consumers);
  drained.abort();
  const [alive] = await Promise.allSettled([beating]);
  // What was in flight when the session ended is done now: commit it before somebody else begins there.
  await commit(options, offsets).catch((error: unknown) => log.warn(`cannot commit offsets of ${generation.group}: ${(error as Error).message}`));
  if (alive.status === 'rejected') throw alive.reason;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The highest marks of a session, and which of them the broker does not know yet. */
class Offsets {
  readonly #waiting = new Map<string, TopicPartition & { offset: number }>();

  mark({ topic, partition }: TopicPartition, offset: number): void {
    this.#waiting.set(`${topic}/${partition}`, { topic, partition, offset });
  }
  take(): (TopicPartition & { offset: number })[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }
  giveBack(taken: readonly (TopicPartition & { offset: number })[]): void {
    for (const item of taken) {
      const key = `${item.topic}/${item.partition}`;
      if (!this.#waiting.has(key)) this.#waiting.set(key, item);
    }
  }
}

async function committedOffsets(cluster: Cluster, group: string): Promise<Map<string, number>> {
  const connection = await cluster.coordinator(group);
  const answer = await connection.call(offsetFetch, { group });
  check(answer.error, `offsets of ${group}`);
  return new Map(answer.offsets.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
}

async function commit({ cluster, generation }: SessionOptions, offsets: Offsets): Promise<void> {
  const taken = offsets.take();
  if (taken.length === 0) return;
  try {
    const connection = await cluster.coordinator(generation.group);
    const answers = await connection.call(offsetCommit, { ...generation, offsets: taken });
    for (const { error, topic, partition } of answers) check(error, `commit of ${topic}/${partition}`);
  } catch (error) {
    offsets.giveBack(taken);
    throw error;
  }
}

/**
 * Heartbeats and commits until all consumers have returned. When the group rebalances it ends the session but goes on beating:
 * a delivery in flight may take longer than the session timeout.
 */
async function keepAlive(options: SessionOptions, offsets: Offsets, { end, drained }: { end: () => void; drained: AbortSignal }): Promise<void> {
  const { cluster, generation, heartbeatMs, clock } = options;
  const step = Math.min(COMMIT_MS, heartbeatMs);
  for (let sinceBeat = step; await waited(clock, step, drained); sinceBeat += step) {
    try {
      await commit(options, offsets);
      if (sinceBeat < heartbeatMs) continue;
      sinceBeat = 0;
      const connection = await cluster.coordinator(generation.group);
      check((await connection.call(heartbeat, generation)).error, 'heartbeat');
    } catch (error) {
      if (!rebalancing(error)) throw error;
      end();
    }
  }
}

function rebalancing(error: unknown): boolean {
  return error instanceof KafkaError && error.code === ErrorCode.REBALANCE_IN_PROGRESS;
}

async function waited(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return await clock.wait(ms, signal).then(() => true, () => false);
}
