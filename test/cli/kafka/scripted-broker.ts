// A broker in memory that does what a test says: for faults that no real broker shows on demand.
import { duplexPair, type Duplex } from 'node:stream';
import type { Address, KafkaAccess } from '../../../cli/kafka/access.ts';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { FrameReader } from '../../../cli/kafka/frames.ts';
import { batchSize, encodeBatch, nextOffset, readLong, type BatchOptions, type NewRecord } from '../../../cli/kafka/record-batch.ts';
import { Reader, Writer } from '../../../cli/kafka/wire.ts';

/** What a request asks: its API, version and body, and the broker that it came to. */
export interface Asked {
  api: number;
  version: number;
  body: Reader;
  node: number;
  connection: Duplex;
}

/** The body of an answer, or what happens instead. */
export type Answer = Buffer | 'close' | 'silence';

interface Log {
  leader: number;
  beginning: number;
  end: number;
  batches: Buffer[];
}

/** A real broker holds an answer back for as long as the request says; here nobody has that much time. */
const FETCH_WAIT_MS = 20;

const VERSIONS: Readonly<Record<number, readonly [number, number]>> = {
  [ApiKey.apiVersions]: [0, 3], [ApiKey.metadata]: [0, 4], [ApiKey.listOffsets]: [1, 1], [ApiKey.fetch]: [4, 4], [ApiKey.produce]: [3, 3],
  [ApiKey.saslHandshake]: [0, 1], [ApiKey.saslAuthenticate]: [0, 1],
};

export class ScriptedCluster {
  readonly topics = new Map<string, Log[]>();
  /** Every request in order of coming: `1 Fetch orders/0@5`. */
  readonly heard: string[] = [];
  /** Looks at each request first; what it answers is the answer. */
  script: (asked: Asked) => Answer | undefined | Promise<Answer | undefined> = () => undefined;
  /** Addresses that refuse connections. */
  readonly down = new Set<number>();
  readonly versions: Record<number, readonly [number, number]> = { ...VERSIONS };
  readonly #nodes: readonly number[];
  readonly #connections = new Map<number, Set<Duplex>>();
  #wake: (() => void)[] = [];

  constructor(nodes: readonly number[] = [1]) {
    this.#nodes = nodes;
  }

  get access(): KafkaAccess {
    return {
      where: 'test (scripted)',
      bootstrap: this.#nodes.map(addressOf),
      connect: async ({ port }) => this.#connect(port - 9000),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  topic(name: string, leaders: readonly number[]): this {
    this.topics.set(name, leaders.map((leader) => ({ leader, beginning: 0, end: 0, batches: [] })));
    return this;
  }

  log(topic: string, partition: number): Log {
    return this.topics.get(topic)?.[partition] as Log;
  }

  /** Appends values as one batch; waiting fetches are answered. */
  append(topic: string, partition: number, values: readonly (string | null)[], options: BatchOptions & { timestamp?: number; key?: string } = {}): void {
    const log = this.log(topic, partition);
    const { timestamp = 1000, key = null, ...rest } = options;
    const records: NewRecord[] = values.map((value) => ({ key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value), timestamp }));
    const batch = encodeBatch(records, { baseOffset: log.end, ...rest });
    log.batches.push(batch);
    log.end = nextOffset(batch, 0);
    this.wake();
  }

  wake(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Ends every connection to a node, as a restart does. */
  drop(node: number): void {
    for (const connection of this.#connections.get(node) ?? []) connection.destroy();
    this.wake();
  }

  #connect(node: number): Duplex {
    if (this.down.has(node)) throw new Error(`connect ECONNREFUSED ${node}`);
    const [ours, theirs] = duplexPair();
    const all = this.#connections.get(node) ?? new Set();
    this.#connections.set(node, all.add(theirs));
    // A destroyed half of a pair leaves the other open; a socket would not.
    theirs.on('close', () => ours.destroy());
    ours.on('close', () => theirs.destroy());
    theirs.on('error', () => undefined);
    let busy = Promise.resolve();
    const frames = new FrameReader((frame) => {
      busy = busy.then(() => this.#answer(frame, node, theirs));
    });
    theirs.on('data', (chunk: Buffer) => frames.push(chunk));
    return ours;
  }

  async #answer(frame: Buffer, node: number, connection: Duplex): Promise<void> {
    const body = new Reader(frame);
    const api = body.int16();
    const version = body.int16();
    const correlation = body.int32();
    body.nullableString();
    const start = body.offset;
    const scripted = await this.script({ api, version, body, node, connection });
    body.offset = start;
    const answer = scripted ?? (await this.#usual(api, body, node));
    if (answer === 'silence' || connection.destroyed) return;
    if (answer === 'close') return void connection.destroy();
    const head = Buffer.alloc(8);
    head.writeInt32BE(answer.length + 4);
    head.writeInt32BE(correlation, 4);
    connection.write(Buffer.concat([head, answer]));
  }

  async #usual(api: number, body: Reader, node: number): Promise<Answer> {
    switch (api) {
      case ApiKey.apiVersions:
        return this.#apiVersions(node);
      case ApiKey.metadata:
        return this.#metadata(body, node);
      case ApiKey.listOffsets:
        return this.#listOffsets(body, node);
      case ApiKey.fetch:
        return this.#fetch(body, node);
      default:
        return 'close';
    }
  }

  #say(node: number, what: string, writer: Writer): Buffer {
    this.heard.push(`${node} ${what}`);
    return writer.done();
  }

  #apiVersions(node: number): Buffer {
    const writer = new Writer().int16(0);
    return this.#say(node, 'ApiVersions', writer.array(Object.entries(this.versions), ([key, [min, max]]) => writer.int16(Number(key)).int16(min).int16(max)));
  }

  #metadata(body: Reader, node: number): Buffer {
    const count = body.int32();
    const names = count < 0 ? [...this.topics.keys()] : Array.from({ length: count }, () => body.string());
    const writer = new Writer().int32(0);
    writer.array(this.#nodes, (id) => void writer.int32(id).string(addressOf(id).host).int32(addressOf(id).port).string(null));
    writer.string('test').int32(this.#nodes[0] ?? 0).array(names, (name) => {
      const logs = this.topics.get(name);
      writer.int16(logs ? 0 : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION).string(name).boolean(name.startsWith('__'));
      writer.array([...(logs ?? []).entries()], ([partition, { leader }]) => void writer.int16(leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : 0).int32(partition).int32(leader).array([leader], (id) => writer.int32(id)).array([leader], (id) => writer.int32(id)));
    });
    return this.#say(node, `Metadata ${names.join(',')}`, writer);
  }

  #listOffsets(body: Reader, node: number): Buffer {
    body.int32();
    const wanted = body.array(() => ({ topic: body.string(), partitions: body.array(() => ({ partition: body.int32(), timestamp: Number(body.int64()) })) }));
    const writer = new Writer();
    writer.array(wanted, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, timestamp }) => {
        const log = this.log(topic, partition);
        const offset = timestamp === -1 ? log.end : timestamp === -2 ? log.beginning : sinceIn(log, timestamp);
        writer.int32(partition).int16(log.leader === node ? 0 : ErrorCode.NOT_LEADER_OR_FOLLOWER).int64(-1n).int64(BigInt(offset));
      });
    });
    return this.#say(node, 'ListOffsets', writer);
  }

  /** One batch per partition and answer, so that a test sees many answers. Waits when there is nothing. */
  async #fetch(body: Reader, node: number): Promise<Buffer> {
    for (let skip = 0; skip < 4; skip++) body.int32();
    body.int8();
    const wanted = body.array(() => {
      const topic = body.string();
      return body.array(() => ({ topic, partition: body.int32(), offset: Number(body.int64()), max: body.int32() }));
    }).flat();
    this.heard.push(`${node} Fetch ${wanted.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`).join(' ')}`);
    const found = (): { error: number; batch: Buffer }[] => wanted.map((one) => this.#read(node, one));
    if (found().every(({ error, batch }) => error === 0 && batch.length === 0)) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, FETCH_WAIT_MS);
      });
    }
    const answers = found();
    const writer = new Writer().int32(0);
    writer.array([...wanted.entries()], ([index, { topic, partition }]) => {
      const { error, batch } = answers[index] as { error: number; batch: Buffer };
      writer.string(topic).array([partition], () => void writer.int32(partition).int16(error).int64(0n).int64(0n).int32(-1).bytes(batch));
    });
    return writer.done();
  }

  #read(node: number, { topic, partition, offset, max }: { topic: string; partition: number; offset: number; max: number }): { error: number; batch: Buffer } {
    const nothing = Buffer.alloc(0);
    const log = this.topics.get(topic)?.[partition];
    if (!log) return { error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, batch: nothing };
    if (log.leader !== node) return { error: ErrorCode.NOT_LEADER_OR_FOLLOWER, batch: nothing };
    if (offset < log.beginning || offset > log.end) return { error: ErrorCode.OFFSET_OUT_OF_RANGE, batch: nothing };
    const batch = log.batches.find((candidate) => nextOffset(candidate, 0) > offset) ?? nothing;
    return { error: 0, batch: batch.subarray(0, max) };
  }
}

function addressOf(node: number): Address {
  return { host: `broker-${node}.test`, port: 9000 + node };
}

function sinceIn(log: Log, timestamp: number): number {
  const batch = log.batches.find((candidate) => batchSize(candidate, 0) > 0 && readLong(candidate, 35) >= timestamp);
  return batch ? readLong(batch, 0) : -1;
}
