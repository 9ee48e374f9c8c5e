import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import type { Address, KafkaAccess } from '../../../cli/kafka/access.ts';
import { fetch } from '../../../cli/kafka/apis/fetch.ts';
import { findCoordinator } from '../../../cli/kafka/apis/groups.ts';
import { LATEST, listOffsets } from '../../../cli/kafka/apis/list-offsets.ts';
import { produce, type ProducedPartition } from '../../../cli/kafka/apis/produce.ts';
import { createTopics } from '../../../cli/kafka/apis/topics.ts';
import { type CodecName, CODECS, loadCodec } from '../../../cli/kafka/compression.ts';
import type { Connection } from '../../../cli/kafka/connection.ts';
import { ErrorCode, errorName } from '../../../cli/kafka/error-codes.ts';
import { openConnection } from '../../../cli/kafka/open.ts';
import { batchSize, type BatchOptions, codecId, encodeBatch, type KafkaRecord, type NewRecord, readRecords } from '../../../cli/kafka/record-batch.ts';
import { until } from '../../support/until.ts';
import { initProducerId, type Join, type Joined, joinGroup } from './apis.ts';


/** Our own Kafka client, with the few helpers that make the cases read well. One connection; `dial` gives more. */
export class Client {
  readonly bootstrap: string;
  readonly connection: Connection;

  private constructor(bootstrap: string, connection: Connection) {
    this.bootstrap = bootstrap;
    this.connection = connection;
  }

  static async dial(bootstrap: string): Promise<Client> {
    return new Client(bootstrap, await openConnection(tcpAccess(bootstrap), address(bootstrap)));
  }

  close(): void {
    this.connection.close();
  }

  /** Makes a topic of a name nobody has and waits until its partitions have leaders. */
  async newTopic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
    const name = `contract-${randomUUID()}`;
    const [made] = await this.connection.call(createTopics, { topics: [{ name, partitions, config }], timeoutMs: 10_000 });
    if (made?.error !== 0) throw new Error(`CreateTopics: ${errorName(made?.error ?? -1)} ${made?.message}`);
    await this.hasLeaders(name, partitions);
    return name;
  }

  /** Waits until the leader of each partition answers as such: Apache Kafka names it in Metadata a moment before it takes the part. */
  async hasLeaders(name: string, partitions: number): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      await until(`a leader of ${name}/${partition}`, async () => (await this.offsetAt(name, LATEST, partition)).error === 0);
    }
  }

  async send(topic: string, batch: Buffer, partition = 0): Promise<ProducedPartition> {
    const [produced] = await this.connection.call(produce, { timeoutMs: 10_000, topics: [{ topic, partitions: [{ partition, batch }] }] });
    return produced as ProducedPartition;
  }

  /** Produces one batch and returns its first offset. */
  async produce(topic: string, records: readonly Partial<NewRecord>[], options: BatchOptions & { partition?: number } = {}): Promise<number> {
    const produced = await this.send(topic, batchOf(records, options), options.partition);
    if (produced.error !== 0) throw new Error(`Produce: ${errorName(produced.error)}`);
    return produced.baseOffset;
  }

  async fetch(topic: string, offset: number, { partition = 0, maxWaitMs = 0, minBytes = 0, maxBytes = 1 << 20 } = {}): Promise<{ error: number; highWatermark: number; records: Buffer }> {
    const request = { maxWaitMs, minBytes, maxBytes, partitionMaxBytes: maxBytes, topics: [{ topic, partitions: [{ partition, offset }] }] };
    const { error, partitions } = await this.connection.call(fetch, request);
    const [fetched] = partitions;
    if (!fetched) throw new Error(`Fetch: ${errorName(error)}`);
    return fetched;
  }

  /** Everything from `offset` to the end of the partition. */
  async read(topic: string, offset = 0, partition = 0): Promise<KafkaRecord[]> {
    const records: KafkaRecord[] = [];
    for (let from = offset; ; ) {
      const fetched = await this.fetch(topic, from, { partition, maxWaitMs: 500, minBytes: 0 });
      if (fetched.error !== 0) throw new Error(`Fetch: ${errorName(fetched.error)}`);
      for (const record of await recordsOf(fetched.records)) if (record.offset >= from) records.push(record);
      const next = (records.at(-1)?.offset ?? from - 1) + 1;
      if (next >= fetched.highWatermark) return records;
      from = next;
    }
  }

  async offsetAt(topic: string, timestamp: number, partition = 0): Promise<{ error: number; offset: number; timestamp: number }> {
    const [answer] = await this.connection.call(listOffsets, [{ topic, partitions: [{ partition, timestamp }] }]);
    if (!answer) throw new Error('ListOffsets answered nothing');
    return answer;
  }

  /** Waits until the group has a coordinator: a fresh cluster makes its offsets topic first. */
  async coordinated(group: string): Promise<void> {
    await until(`coordinator of ${group}`, async () => (await this.connection.call(findCoordinator, { group })).error === 0);
  }

  /** An id for an idempotent producer. Apache Kafka hands out the first one a moment after its start. */
  async newProducer(): Promise<{ producerId: number; epoch: number }> {
    const ask = (): Promise<{ error: number; producerId: number; epoch: number }> => this.connection.call(initProducerId, { transactionalId: null });
    let made = await ask();
    await until('a producer id', async () => {
      if (!PASSING.includes(made.error)) return true;
      made = await ask();
      return false;
    });
    if (made.error !== 0) throw new Error(`InitProducerId: ${errorName(made.error)}`);
    return made;
  }

  /** Joins as a new member would: the first answer only gives it an id. Answers when the rebalance is complete. */
  async join(request: Omit<Join, 'memberId'> & { memberId?: string }): Promise<Joined> {
    const ask = (memberId: string): Promise<Joined> => this.connection.call(joinGroup, { ...request, memberId });
    let joined = await ask(request.memberId ?? '');
    await until('a loaded coordinator', async () => {
      if (!PASSING.includes(joined.error)) return true;
      joined = await ask(request.memberId ?? '');
      return false;
    });
    return joined.error === ErrorCode.MEMBER_ID_REQUIRED ? ask(joined.memberId) : joined;
  }
}

const PASSING: readonly number[] = [ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR];

/** Records with the time of the test's own, and nothing where nothing is said. */
export function batchOf(records: readonly Partial<NewRecord>[], options: BatchOptions = {}): Buffer {
  return encodeBatch(records.map((record) => ({ key: null, value: null, timestamp: Date.now(), ...record })), options);
}

export function values(...texts: string[]): Partial<NewRecord>[] {
  return texts.map((text) => ({ value: Buffer.from(text) }));
}

export function texts(records: readonly KafkaRecord[]): (string | undefined)[] {
  return records.map(({ value }) => value?.toString());
}

export async function codecNamed(name: CodecName): Promise<NonNullable<BatchOptions['codec']>> {
  return loadCodec(CODECS.indexOf(name));
}

/** The records of all whole batches in `bytes`. */
export async function recordsOf(bytes: Buffer): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = [];
  for (let at = 0, size = batchSize(bytes, at); size > 0; at += size, size = batchSize(bytes, at)) {
    records.push(...readRecords(bytes, at, await loadCodec(codecId(bytes, at))));
  }
  return records;
}

export function address(bootstrap: string): Address {
  const colon = bootstrap.lastIndexOf(':');
  return { host: bootstrap.slice(0, colon), port: Number(bootstrap.slice(colon + 1)) };
}

export function tcpAccess(bootstrap: string): KafkaAccess {
  return { where: bootstrap, bootstrap: [address(bootstrap)], connect: tcp, [Symbol.asyncDispose]: async () => undefined };
}

export async function tcp({ host, port }: Address): Promise<Socket> {
  const socket = net.connect(port, host).setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}
