import type { Log } from '../../io/json-log.ts';
import { fetch, type FetchedPartition } from '../../kafka/apis/fetch.ts';
import { EARLIEST, LATEST, listOffsets } from '../../kafka/apis/list-offsets.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { loadCodec, type Codec } from '../../kafka/compression.ts';
import type { Connection } from '../../kafka/connection.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { check, KafkaError } from '../../kafka/failures.ts';
import { batchIntact, batchSize, codecId, nextOffset, readRecords, type KafkaRecord } from '../../kafka/record-batch.ts';
import type { Clock } from '../../io/clock.ts';
import type { TopicPartition } from './assignment.ts';
import type { RecordQueue } from './record-queue.ts';

/** Where a group begins that has committed nothing. */
export type InitialOffset = 'newest' | 'oldest';

interface Options {
  cluster: Cluster;
  claim: TopicPartition;
  /** Where to begin; -1 when the group has committed nothing. */
  committed: number;
  initial: InitialOffset;
  queue: RecordQueue<KafkaRecord>;
  clock: Clock;
  log: Log;
  stop: AbortSignal;
}

const MAX_WAIT_MS = 500;
const MAX_BYTES = 1024 * 1024;
const PAUSE_MS = 250;
const QUIET_AFTER = 20;

/**
 * Reads one partition into its queue until `stop`, on a connection of its own: a waiting fetch holds up whatever stands behind it.
 * A lost connection, a new leader, a broker that restarts: it goes on where it was.
 */
export async function fetchLoop(options: Options): Promise<void> {
  const { claim, queue, clock, log, stop } = options;
  const reader = new PartitionReader(options);
  // A fetch may just be waiting for its half second.
  stop.addEventListener('abort', () => reader.disconnect(), { once: true });
  let failures = 0;
  while (!stop.aborted) {
    try {
      await queue.room();
      queue.push(await reader.next());
      failures = 0;
    } catch (error) {
      reader.disconnect();
      if (stop.aborted) break;
      // A broker that restarts must not fill the log: the first failure is told, then every twentieth.
      if (failures++ % QUIET_AFTER === 0) log.warn(`cannot read ${claim.topic}/${claim.partition}: ${(error as Error).message}`);
      await clock.wait(PAUSE_MS, stop).catch(() => undefined);
    }
  }
  reader.disconnect();
}

class PartitionReader {
  readonly #options: Options;
  readonly #codecs = new Map<number, Codec>();
  #connection: Connection | undefined;
  #offset: number | undefined;

  constructor(options: Options) {
    this.#options = options;
    if (options.committed >= 0) this.#offset = options.committed;
  }

  disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** The next records, perhaps none: a fetch waits half a second for the first byte. */
  async next(): Promise<KafkaRecord[]> {
    const { claim, stop } = this.#options;
    const connection = (this.#connection ??= await this.#dial());
    if (stop.aborted) return [];
    this.#offset ??= await this.#end(connection);
    const { topic, partition } = claim;
    const answer = await connection.call(
      fetch,
      {
        maxWaitMs: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        partitionMaxBytes: MAX_BYTES,
        topics: [{ topic, partitions: [{ partition, offset: this.#offset }] }],
      },
    );
    check(answer.error, 'fetch');
    const [fetched] = answer.partitions;
    return fetched ? await this.#records(fetched, connection) : [];
  }

  async #records({ error, records }: FetchedPartition, connection: Connection): Promise<KafkaRecord[]> {
    if (error === ErrorCode.OFFSET_OUT_OF_RANGE) {
      // Retention has passed the group by, or the topic was made anew: begin as a new group would.
      this.#offset = await this.#end(connection);
      return [];
    }
    check(error, 'fetch');
    const from = this.#offset ?? 0;
    const found: KafkaRecord[] = [];
    for (let at = 0, size = batchSize(records, 0); size > 0; at += size, size = batchSize(records, at)) {
      if (!batchIntact(records, at)) throw new KafkaError(ErrorCode.CORRUPT_MESSAGE, 'fetch');
      for (const record of readRecords(records, at, await this.#codec(codecId(records, at)))) if (record.offset >= from) found.push(record);
      this.#offset = nextOffset(records, at);
    }
    return found;
  }

  async #codec(id: number): Promise<Codec> {
    const known = this.#codecs.get(id);
    if (known) return known;
    const codec = await loadCodec(id);
    this.#codecs.set(id, codec);
    return codec;
  }

  async #dial(): Promise<Connection> {
    const { cluster, claim } = this.#options;
    const { topics } = await cluster.metadata([claim.topic]);
    const [topic] = topics;
    check(topic?.error ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `topic ${claim.topic}`);
    const found = topic?.partitions.find(({ partition }) => partition === claim.partition);
    if (!found || found.leader < 0) throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, `${claim.topic}/${claim.partition}`);
    return await cluster.dial(found.leader);
  }

  async #end(connection: Connection): Promise<number> {
    const { claim, initial } = this.#options;
    const timestamp = initial === 'oldest' ? EARLIEST : LATEST;
    const [answer] = await connection.call(listOffsets, [{ topic: claim.topic, partitions: [{ partition: claim.partition, timestamp }] }]);
    check(answer?.error ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'list offsets');
    return answer?.offset ?? 0;
  }
}
