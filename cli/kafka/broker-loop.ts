import { fetch, type FetchedPartition, type FetchRequest } from './apis/fetch.ts';
import type { Chunk } from './chunk.ts';
import { ANSWER_MS, type Connection } from './connection.ts';
import { ErrorCode } from './error-codes.ts';
import { check, KafkaError, mayPass } from './failures.ts';
import { partitionKey } from './offsets.ts';
import type { Position } from './reader.ts';
import { batchSize, nextOffset } from './record-batch.ts';
import { MalformedFrame } from './wire.ts';

/** How long a broker may hold an answer back when there is nothing new; short enough to keep idle tunnels open. */
const MAX_WAIT_MS = 500;
/** Of one answer. Tried from 1 to 16 MB: fewer and larger answers are faster on both brokers, most of all with few partitions. */
const MAX_BYTES = 16 * 1024 * 1024;
const FIRST_PARTITION_BYTES = MAX_BYTES;
const MOST_PARTITION_BYTES = 64 * 1024 * 1024;

export interface BrokerLoopOptions {
  dial(): Promise<Connection>;
  onChunks(chunks: readonly Chunk[]): Promise<void> | void;
  /** Takes back positions that this broker does not serve (any more). `why` is set when something went wrong. */
  release(positions: readonly Position[], why: unknown): void;
  /** These partitions were served. */
  onServed(keys: readonly string[]): void;
}

type Answer = Promise<{ answer: { error: number; partitions: FetchedPartition[] }; frame: Buffer }>;

/**
 * Fetches from one broker, on a connection of its own, the partitions that it leads. The next fetch is sent before the
 * answer at hand is given to anybody, so broker and reader work at the same time; there is never more than one ahead.
 */
export class BrokerLoop {
  /** Resolves when the loop is over, with what ended it when that cannot pass. */
  readonly ended: Promise<unknown>;
  readonly #options: BrokerLoopOptions;
  #positions = new Map<string, Position>();
  #partitionBytes = FIRST_PARTITION_BYTES;
  #connection: Connection | undefined;
  #closed = false;
  #over = false;

  constructor(options: BrokerLoopOptions) {
    this.#options = options;
    // One turn later, so that whoever made the loop can add what it is for.
    this.ended = Promise.resolve().then(() => this.#run());
  }

  /** True once it takes no more positions. */
  get over(): boolean {
    return this.#over;
  }

  add(position: Position): void {
    this.#positions.set(partitionKey(position), position);
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  async #run(): Promise<unknown> {
    try {
      this.#connection = await this.#options.dial();
      if (this.#closed) this.#connection.close();
      await this.#fetchAll(this.#connection);
      return undefined;
    } catch (error) {
      this.#over = true;
      if (!mayPass(error)) return error;
      this.#options.release([...this.#positions.values()], error);
      return undefined;
    } finally {
      this.#connection?.close();
    }
  }

  async #fetchAll(connection: Connection): Promise<void> {
    for (let asked = this.#ask(connection), next: Answer | undefined; asked; asked = next ?? this.#ask(connection)) {
      const { answer, frame } = await asked;
      check(answer.error, 'fetch');
      const chunks = answer.partitions.flatMap((fetched) => this.#advance(fetched));
      this.#options.onServed(answer.partitions.filter(({ error }) => error === 0).map(partitionKey));
      next = this.#ask(connection);
      if (chunks.length > 0) await this.#options.onChunks(chunks);
      connection.recycle(frame);
    }
    this.#over = true;
  }

  #ask(connection: Connection): Answer | undefined {
    if (this.#positions.size === 0 || this.#closed) return undefined;
    const answer = connection.callFramed(fetch, this.#request(), MAX_WAIT_MS + ANSWER_MS);
    // Awaited only after the chunks at hand were taken; until then a failure must not count as unhandled.
    answer.catch(() => undefined);
    return answer;
  }

  #request(): FetchRequest {
    const topics = new Map<string, { partition: number; offset: number }[]>();
    for (const { topic, partition, offset } of this.#positions.values()) {
      const partitions = topics.get(topic) ?? [];
      partitions.push({ partition, offset });
      topics.set(topic, partitions);
    }
    return {
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: Math.max(MAX_BYTES, this.#partitionBytes),
      partitionMaxBytes: this.#partitionBytes,
      topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    };
  }

  /** Moves a position past what came, so that the next fetch can go out before anybody looks at the records. */
  #advance(fetched: FetchedPartition): Chunk[] {
    const key = partitionKey(fetched);
    const position = this.#positions.get(key);
    if (!position) return [];
    if (fetched.error !== 0) return this.#refused(key, position, fetched.error);
    const { offset: from, until } = position;
    const { records } = fetched;
    let end = 0;
    for (let size = batchSize(records, 0); size > 0 && position.offset < until; size = batchSize(records, end)) {
      position.offset = Math.max(position.offset, nextOffset(records, end));
      end += size;
    }
    if (end === 0) this.#widen(records, key);
    // Last in line next time: a broker fills its answer in the order of asking.
    else this.#toTheEnd(key, position);
    if (position.offset >= until) this.#positions.delete(key);
    return end > 0 ? [{ topic: position.topic, partition: position.partition, bytes: records.subarray(0, end), from, until }] : [];
  }

  #toTheEnd(key: string, position: Position): void {
    this.#positions.delete(key);
    this.#positions.set(key, position);
  }

  /** Not one whole batch fitted: ask for more, within reason. */
  #widen(records: Buffer, key: string): void {
    if (records.length === 0) return;
    if (this.#partitionBytes >= MOST_PARTITION_BYTES) throw new MalformedFrame(`${key} has a batch of more than ${MOST_PARTITION_BYTES} bytes`);
    this.#partitionBytes *= 2;
  }

  #refused(key: string, position: Position, error: number): Chunk[] {
    const failure = new KafkaError(error, `fetch ${key}`);
    position.outOfRange = error === ErrorCode.OFFSET_OUT_OF_RANGE;
    if (!failure.retriable && !position.outOfRange) throw failure;
    this.#positions.delete(key);
    this.#options.release([position], position.outOfRange ? undefined : failure);
    return [];
  }
}
