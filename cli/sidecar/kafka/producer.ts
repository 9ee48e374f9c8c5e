import { TodoctlError } from '../../errors/todoctl-error.ts';
import { produce } from '../../kafka/apis/produce.ts';
import type { Metadata } from '../../kafka/apis/metadata.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import type { Codec } from '../../kafka/compression.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { check, ConnectionLost, KafkaError, mayPass } from '../../kafka/failures.ts';
import { partitionOf, partitionOfKeyless } from '../../kafka/partitioner.ts';
import { encodeBatch, type NewRecord } from '../../kafka/record-batch.ts';
import type { Clock } from '../../io/clock.ts';
import type { OutgoingMessage, Producer } from '../pubsub/publisher.ts';

interface Options {
  cluster: Cluster;
  codec: Codec | undefined;
  /** Larger records are refused before they leave; also the most that goes into one batch. */
  maxMessageBytes: number;
  retryMax: number;
  clock: Clock;
}

interface Waiting {
  topic: string;
  partition: number;
  record: NewRecord;
  bytes: number;
  tried: number;
  done(outcome: Error | undefined): void;
}

const TIMEOUT_MS = 10_000;
const BACKOFF_MS = 100;
const METADATA_MS = 60_000;

/**
 * Publishes like Dapr's Kafka component: acks from all, Sarama's partitioner, retries while it may pass. One request is under way at a
 * time and takes along everything that came meanwhile, so that many publishes at once cost few round trips and keep their order.
 */
export class KafkaProducer implements Producer {
  readonly #options: Options;
  readonly #turns = new Map<string, number>();
  #waiting: Waiting[] = [];
  #pumping = false;
  #metadata = new Map<string, { partitions: Map<number, number>; until: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<(Error | undefined)[]> {
    let partitions: number;
    for (let tried = 0; ; tried++) {
      try {
        partitions = (await this.#leaders(topic)).size;
        break;
      } catch (error) {
        if (tried >= this.#options.retryMax || !worthRetrying(error)) return messages.map(() => error as Error);
        await this.#options.clock.wait(BACKOFF_MS);
      }
    }
    return await Promise.all(messages.map((message) => this.#enqueue(topic, message, partitions)));
  }

  #enqueue(topic: string, message: OutgoingMessage, partitions: number): Promise<Error | undefined> {
    const record = recordOf(message, this.#options.clock.now());
    const bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0) + 64;
    if (bytes > this.#options.maxMessageBytes) return Promise.resolve(new KafkaError(ErrorCode.MESSAGE_TOO_LARGE, 'publish'));
    const partition = this.#partition(topic, message, record.key, partitions);
    if (partition instanceof Error) return Promise.resolve(partition);
    return new Promise((resolve) => {
      this.#waiting.push({ topic, partition, record, bytes, tried: 0, done: resolve });
      if (!this.#pumping) void this.#pump();
    });
  }

  #partition(topic: string, { metadata }: OutgoingMessage, key: Buffer | null, partitions: number): number | Error {
    const wanted = metadata['partitionNumber'];
    if (wanted === undefined) {
      if (key) return partitionOf(key, partitions);
      const turn = this.#turns.get(topic) ?? 0;
      this.#turns.set(topic, turn + 1);
      return partitionOfKeyless(turn, partitions);
    }
    if (!/^\d+$/.test(wanted)) return new Error(`invalid partitionNumber metadata value "${wanted}"`);
    const number = Number(wanted);
    return number < partitions ? number : new Error(`partition number ${number} is out of range, topic has ${partitions} partitions`);
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    // Whoever publishes in the same turn of the event loop travels together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const failed = await this.#deliver(batch);
      if (failed.length === 0) continue;
      // Back to the front: what came later must not overtake.
      this.#waiting = [...failed, ...this.#waiting];
      for (const { topic } of failed) this.#metadata.delete(topic);
      await this.#options.clock.wait(BACKOFF_MS);
    }
    this.#pumping = false;
  }

  /** The messages of the next request: as many per partition as fit into one batch, in order. */
  #takeBatch(): Waiting[] {
    const sizes = new Map<string, number>();
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    for (const item of this.#waiting) {
      const key = `${item.topic}/${item.partition}`;
      const size = (sizes.get(key) ?? 0) + item.bytes;
      const fits = size <= this.#options.maxMessageBytes;
      (fits ? taken : left).push(item);
      // Once one did not fit, its partition is full: a smaller one behind it must wait too.
      sizes.set(key, fits ? size : Infinity);
    }
    this.#waiting = left;
    return taken;
  }

  /** Sends one request per leader; settles what is settled and returns what may be tried again, in order. */
  async #deliver(batch: readonly Waiting[]): Promise<Waiting[]> {
    const again = new Set<Waiting>();
    const settle = (items: readonly Waiting[], error: Error | undefined): void => {
      for (const item of items) {
        if (error && worthRetrying(error) && item.tried++ < this.#options.retryMax) again.add(item);
        else item.done(error);
      }
    };
    const byPartition = Map.groupBy(batch, ({ topic, partition }) => `${topic}/${partition}`);
    const byLeader = new Map<number, Waiting[][]>();
    for (const items of byPartition.values()) {
      const [first] = items as [Waiting];
      const leader = await this.#leaders(first.topic).then((found) => found.get(first.partition), (error: unknown) => error as Error);
      if (leader instanceof Error || leader === undefined) settle(items, leader ?? new ConnectionLost('the partition has no leader'));
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), items]);
    }
    await Promise.all([...byLeader].map(([leader, groups]) => this.#request(leader, groups, settle)));
    return batch.filter((item) => again.has(item));
  }

  async #request(leader: number, groups: readonly Waiting[][], settle: (items: readonly Waiting[], error: Error | undefined) => void): Promise<void> {
    const { cluster, codec } = this.#options;
    const byTopic = Map.groupBy(groups, ([first]) => (first as Waiting).topic);
    const topics = [...byTopic].map(([topic, parts]) => ({
      topic,
      partitions: parts.map((items) => ({ partition: (items[0] as Waiting).partition, batch: encodeBatch(items.map(({ record }) => record), codec ? { codec } : {}) })),
    }));
    try {
      const connection = await cluster.broker(leader);
      const answers = await connection.call(produce, { timeoutMs: TIMEOUT_MS, topics });
      for (const items of groups) {
        const { topic, partition } = items[0] as Waiting;
        const answer = answers.find((item) => item.topic === topic && item.partition === partition);
        settle(items, answer?.error === 0 ? undefined : new KafkaError(answer?.error ?? -1, `publish to ${topic}/${partition}`, answer?.message));
      }
    } catch (error) {
      for (const items of groups) settle(items, error as Error);
    }
  }

  /** The leader of each partition, asked anew after a minute or a failure. */
  async #leaders(topic: string): Promise<Map<number, number>> {
    const { cluster, clock } = this.#options;
    const known = this.#metadata.get(topic);
    if (known && known.until > clock.now()) return known.partitions;
    const found: Metadata = await cluster.metadata([topic]);
    const [description] = found.topics;
    check(description?.error ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `topic ${topic}`);
    const partitions = new Map(description?.partitions.map(({ partition, leader }) => [partition, leader]));
    this.#metadata.set(topic, { partitions, until: clock.now() + METADATA_MS });
    return partitions;
  }
}

/** A broker that restarts is gone for a moment; a topic may just have been made. */
function worthRetrying(error: unknown): boolean {
  return mayPass(error) || (error instanceof TodoctlError && error.code === 'TODOCTL_KAFKA_UNREACHABLE');
}

function recordOf({ value, metadata }: OutgoingMessage, timestamp: number): NewRecord {
  const key = metadata['__key'] ?? metadata['partitionKey'];
  const headers = Object.entries(metadata).map(([name, text]) => ({ key: name, value: Buffer.from(text) }));
  return { key: key === undefined ? null : Buffer.from(key), value, headers, timestamp };
}
