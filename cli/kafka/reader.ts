import { BrokerLoop } from './broker-loop.ts';
import type { Chunk } from './chunk.ts';
import type { Cluster } from './cluster.ts';
import { mayPass } from './failures.ts';
import { beginnings, leaderOf, partitionKey, type TopicPartition } from './offsets.ts';

/** Where to read a partition from, and where to stop. */
export interface Assignment extends TopicPartition {
  offset: number;
  /** Reading stops before this offset; Infinity follows. */
  until: number;
}

/** What a reader has to say besides records. */
export type Notice =
  | { kind: 'lost'; why: string }
  | { kind: 'back' }
  /** Offsets `from` up to `to` are not there: retention took them, or the topic was made anew. */
  | { kind: 'skipped'; topic: string; partition: number; from: number; to: number };

export interface ReadOptions {
  /** Aborting ends the reading quietly; what was fetched is still handed over. */
  signal: AbortSignal;
  /** Takes one answer's chunks. The next fetch is already on its way; the one after it waits for this promise. */
  onChunks(chunks: readonly Chunk[]): Promise<void> | void;
  onNotice?(notice: Notice): void;
  /** Asked while following: assignments that were not known before (partitions and topics made meanwhile). */
  discover?(): Promise<readonly Assignment[]>;
  discoverEveryMs?: number;
  /** How long a partition may have no broker before the reading fails; for ever when left out. */
  patienceMs?: number;
}

/** One partition on its way: changed by the loop that has it, by nobody else. */
export interface Position extends Assignment {
  /** True while a look at the beginning must come first. */
  outOfRange: boolean;
}

const RETRY_FIRST_MS = 50;
const RETRY_MOST_MS = 2000;
const DISCOVER_MS = 5000;

/**
 * Reads partitions without a consumer group: from each one's offset to its end, or until the signal. One loop per broker;
 * partitions whose leader moved or whose broker is gone wait here, are asked for again with growing pauses and go on at
 * the exact offset. Throws what cannot pass: refusals and malformed answers.
 */
export async function readPartitions(cluster: Cluster, assignments: readonly Assignment[], options: ReadOptions): Promise<void> {
  const reading = new Reading(cluster, options);
  try {
    await reading.run(assignments);
  } finally {
    reading.close();
  }
}

class Reading {
  readonly #cluster: Cluster;
  readonly #options: ReadOptions;
  readonly #loops = new Map<number, BrokerLoop>();
  readonly #known = new Set<string>();
  #homeless: Position[] = [];
  #failure: unknown;
  /** Partitions that something happened to and that no broker has served since. */
  readonly #lost = new Set<string>();
  #lostAt = 0;
  #retryMs = RETRY_FIRST_MS;
  #wake: () => void = () => undefined;

  constructor(cluster: Cluster, options: ReadOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  async run(assignments: readonly Assignment[]): Promise<void> {
    const { signal } = this.#options;
    const discover = this.#options.discover !== undefined;
    const stop = (): void => this.close();
    signal.addEventListener('abort', stop, { once: true });
    this.#add(assignments);
    let lookedAt = Date.now();
    while (!signal.aborted && this.#failure === undefined) {
      if (this.#homeless.length > 0) await this.#settle();
      if (this.#homeless.length === 0 && this.#loops.size === 0 && !discover) break;
      await this.#sleep(this.#homeless.length > 0 ? this.#backOff() : discover ? this.#discoverMs : undefined);
      if (discover && Date.now() - lookedAt >= this.#discoverMs) {
        lookedAt = Date.now();
        await this.#passing(async () => this.#add(await this.#options.discover?.() ?? []));
      }
    }
    await Promise.all([...this.#loops.values()].map((loop) => loop.ended));
    signal.removeEventListener('abort', stop);
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  close(): void {
    for (const loop of this.#loops.values()) loop.close();
    this.#wake();
  }

  get #discoverMs(): number {
    return this.#options.discoverEveryMs ?? DISCOVER_MS;
  }

  #add(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) {
      if (this.#known.has(partitionKey(assignment))) continue;
      this.#known.add(partitionKey(assignment));
      if (assignment.offset < assignment.until) this.#homeless.push({ ...assignment, outOfRange: false });
    }
  }

  /** Finds a broker for every homeless partition that has one. */
  async #settle(): Promise<void> {
    const waiting = this.#homeless;
    this.#homeless = [];
    await this.#passing(async () => {
      await this.#correct(waiting.filter((position) => position.outOfRange));
      const metadata = await this.#cluster.metadata([...new Set(waiting.map(({ topic }) => topic))]);
      for (const position of waiting) {
        if (position.offset >= position.until) continue;
        const leader = leaderOf(metadata, position);
        if (leader === undefined) this.#homeless.push(position);
        else this.#loop(leader).add(position);
      }
    }, waiting);
  }

  /** Runs `ask`; what may pass puts `positions` back among the homeless, anything else ends the reading. */
  async #passing(ask: () => Promise<void>, positions: readonly Position[] = []): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (this.#options.signal.aborted) return;
      if (!mayPass(error) && !unreachable(error)) this.#failure = error;
      else this.#release(positions, error);
    }
  }

  /** An offset that is not there: go on at the beginning of what is. */
  async #correct(positions: readonly Position[]): Promise<void> {
    const first = await beginnings(this.#cluster, positions);
    for (const position of positions) {
      const to = first.get(partitionKey(position)) ?? 0;
      this.#options.onNotice?.({ kind: 'skipped', topic: position.topic, partition: position.partition, from: position.offset, to });
      position.offset = to;
      position.outOfRange = false;
    }
  }

  #loop(node: number): BrokerLoop {
    const running = this.#loops.get(node);
    if (running && !running.over) return running;
    const loop = new BrokerLoop({
      dial: () => this.#cluster.dial(node),
      onChunks: (chunks) => this.#options.onChunks(chunks),
      release: (positions, why) => this.#release(positions, why),
      onServed: (keys) => this.#served(keys),
    });
    this.#loops.set(node, loop);
    void loop.ended.then((failure) => {
      if (this.#loops.get(node) === loop) this.#loops.delete(node);
      if (failure !== undefined && !this.#options.signal.aborted) this.#failure ??= failure;
      if (this.#failure !== undefined) this.close();
      this.#wake();
    });
    return loop;
  }

  #release(positions: readonly Position[], why: unknown): void {
    this.#homeless.push(...positions.filter((position) => !this.#homeless.includes(position)));
    if (why !== undefined && !this.#options.signal.aborted) this.#lose(positions, why as Error);
    this.#wake();
  }

  #lose(positions: readonly Position[], why: Error): void {
    if (this.#lost.size === 0) {
      this.#lostAt = Date.now();
      this.#options.onNotice?.({ kind: 'lost', why: why.message });
    } else if (Date.now() - this.#lostAt > (this.#options.patienceMs ?? Infinity)) {
      this.#failure ??= why;
    }
    for (const position of positions) this.#lost.add(partitionKey(position));
  }

  #served(keys: readonly string[]): void {
    if (this.#lost.size === 0) return;
    for (const key of keys) this.#lost.delete(key);
    if (this.#lost.size > 0) return;
    this.#retryMs = RETRY_FIRST_MS;
    this.#options.onNotice?.({ kind: 'back' });
  }

  #backOff(): number {
    const ms = this.#retryMs;
    this.#retryMs = Math.min(ms * 2, RETRY_MOST_MS);
    return ms;
  }

  /** Until woken, or for `ms`. */
  #sleep(ms: number | undefined): Promise<void> {
    if (this.#options.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function unreachable(error: unknown): boolean {
  return (error as { code?: string }).code === 'TODOCTL_KAFKA_UNREACHABLE';
}
