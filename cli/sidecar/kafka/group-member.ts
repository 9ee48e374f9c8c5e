import type { Log } from '../../io/json-log.ts';
import type { KafkaAccess } from '../../kafka/access.ts';
import { Cluster } from '../../kafka/cluster.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { check, KafkaError } from '../../kafka/failures.ts';
import type { Clock } from '../../io/clock.ts';
import { assignRanges, decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription, type TopicPartition } from './assignment.ts';
import type { InitialOffset } from './fetch-loop.ts';
import { joinGroup, leaveGroup, syncGroup, type Joined } from './membership-apis.ts';
import { runSession, type Claim } from './session.ts';

export interface GroupOptions {
  access: KafkaAccess;
  group: string;
  topics: readonly string[];
  initial: InitialOffset;
  sessionTimeoutMs: number;
  heartbeatMs: number;
  consume: (claim: Claim) => Promise<void>;
  clock: Clock;
  log: Log;
}

export interface GroupMember {
  /** Finishes what is in flight, commits, leaves the group. */
  stop(): Promise<void>;
}

const REBALANCE_TIMEOUT_MS = 60_000;
const PROTOCOL = 'range';
const RETRY_MS = 250;
const TOPICS_MS = 5000;
const QUIET_AFTER = 20;

/** Joins a consumer group by Kafka's classic protocol and stays in it, whatever happens to the brokers, until it is stopped. */
export function joinConsumerGroup(options: GroupOptions): GroupMember {
  const stop = new AbortController();
  const member = new Member(options, stop.signal);
  const running = member.run();
  return {
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

class Member {
  readonly #options: GroupOptions;
  readonly #stop: AbortSignal;
  #id = '';

  constructor(options: GroupOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
  }

  async run(): Promise<void> {
    const { group, clock, log } = this.#options;
    let failures = 0;
    while (!this.#stop.aborted) {
      try {
        await this.#generation();
        failures = 0;
      } catch (error) {
        if (this.#stop.aborted) break;
        if (forgotten(error)) this.#id = '';
        if (failures++ % QUIET_AFTER === 0) log.warn(`group ${group}: ${(error as Error).message}; joining again`);
        await clock.wait(RETRY_MS, this.#stop).catch(() => undefined);
      }
    }
    await this.#leave().catch((error: unknown) => log.debug(`group ${group} was not left: ${(error as Error).message}`));
  }

  /** From joining to the end of one generation. */
  async #generation(): Promise<void> {
    const { access, group, initial, heartbeatMs, consume, clock, log } = this.#options;
    await using cluster = new Cluster(access);
    // A join waits for the other members; ended by closing its connection.
    const leave = (): void => void cluster[Symbol.asyncDispose]();
    this.#stop.addEventListener('abort', leave, { once: true });
    let generation: number;
    let claims: TopicPartition[];
    let shared: Shared | undefined;
    try {
      const joined = await this.#join(cluster);
      generation = joined.generation;
      const wishes = joined.members.map(({ member, metadata }) => ({ member, topics: decodeSubscription(metadata) }));
      if (joined.leader === this.#id) shared = await whatIsShared(cluster, wishes);
      const assignments = shared ? assign(wishes, shared.counts) : [];
      const connection = await cluster.coordinator(group);
      const synced = await connection.call(syncGroup, { group, generation, member: this.#id, assignments }, REBALANCE_TIMEOUT_MS);
      check(synced.error, 'sync group');
      claims = decodeAssignment(synced.assignment);
    } finally {
      this.#stop.removeEventListener('abort', leave);
    }
    log.info(`group ${group}: ${claims.length} partitions`, { group, generation, partitions: claims.map(({ topic, partition }) => `${topic}/${partition}`) });
    const ended = new AbortController();
    const stop = AbortSignal.any([this.#stop, ended.signal]);
    const watching = shared ? this.#topicsChange(cluster, shared, stop).finally(() => ended.abort()) : undefined;
    try {
      await runSession({ cluster, generation: { group, generation, member: this.#id }, claims, initial, heartbeatMs, consume, clock, log, stop });
    } finally {
      ended.abort();
      await watching;
    }
  }

  async #join(cluster: Cluster): Promise<Joined> {
    const { group, topics, sessionTimeoutMs } = this.#options;
    const connection = await cluster.coordinator(group);
    const request = { group, sessionTimeoutMs, rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS, protocol: PROTOCOL, metadata: encodeSubscription(topics) };
    for (;;) {
      const joined = await connection.call(joinGroup, { ...request, member: this.#id }, REBALANCE_TIMEOUT_MS * 2);
      // The broker names a new member first and wants to see the name (KIP-394).
      if (joined.error !== ErrorCode.MEMBER_ID_REQUIRED) check(joined.error, 'join group');
      this.#id = joined.member;
      if (joined.error === 0) return joined;
    }
  }

  /** The leader looks whether topics appeared or grew; resolves when they did, so that the group shares them out anew. */
  async #topicsChange(cluster: Cluster, { topics, counts }: Shared, stop: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const waited = await clock.wait(TOPICS_MS, stop).then(() => true, () => false);
      if (!waited) return;
      const now = await partitionCounts(cluster, topics).catch(() => counts);
      if ([...now].some(([topic, count]) => counts.get(topic) !== count)) return;
    }
  }

  async #leave(): Promise<void> {
    if (this.#id === '') return;
    await using cluster = new Cluster(this.#options.access, AbortSignal.timeout(1000));
    const { group } = this.#options;
    const connection = await cluster.coordinator(group);
    await connection.call(leaveGroup, { group, member: this.#id }, 1000);
  }
}

/** True when the broker does not know us (any more): a new member joins in our place. */
function forgotten(error: unknown): boolean {
  return error instanceof KafkaError && (error.code === ErrorCode.UNKNOWN_MEMBER_ID || error.code === ErrorCode.ILLEGAL_GENERATION);
}

interface Wish {
  member: string;
  topics: readonly string[];
}

/** What a leader shares out: the topics that any member wants, with their partitions as far as they exist. */
interface Shared {
  topics: readonly string[];
  counts: ReadonlyMap<string, number>;
}

async function whatIsShared(cluster: Cluster, wishes: readonly Wish[]): Promise<Shared> {
  const topics = [...new Set(wishes.flatMap((wish) => wish.topics))];
  return { topics, counts: await partitionCounts(cluster, topics) };
}

async function partitionCounts(cluster: Cluster, wanted: readonly string[]): Promise<Map<string, number>> {
  const { topics } = await cluster.metadata(wanted);
  return new Map(topics.flatMap(({ name, error, partitions }) => (error === 0 ? [[name, partitions.length]] : [])));
}

function assign(wishes: readonly Wish[], counts: ReadonlyMap<string, number>): { member: string; assignment: Buffer }[] {
  return [...assignRanges(wishes, counts)].map(([member, partitions]) => ({ member, assignment: encodeAssignment(partitions) }));
}
