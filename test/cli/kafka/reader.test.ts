import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { type Chunk, Codecs, recordsOf } from '../../../cli/kafka/chunk.ts';
import { Cluster } from '../../../cli/kafka/cluster.ts';
import { CODECS, loadCodec } from '../../../cli/kafka/compression.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { KafkaError } from '../../../cli/kafka/failures.ts';
import { type Assignment, type Notice, type ReadOptions, readPartitions } from '../../../cli/kafka/reader.ts';
import { BATCH } from '../../../cli/kafka/record-batch.ts';
import { MalformedFrame } from '../../../cli/kafka/wire.ts';
import { ScriptedCluster } from './scripted-broker.ts';

const codecs = await Promise.all(CODECS.map((_, id) => loadCodec(id)));

/** Reads until all assignments are done, or until `stop`. */
class Reading {
  readonly seen: string[] = [];
  readonly notices: Notice[] = [];
  readonly stop = new AbortController();
  readonly done: Promise<void>;

  constructor(kafka: ScriptedCluster, assignments: readonly Assignment[], options: Partial<ReadOptions> = {}) {
    const loaded = new Codecs();
    const cluster = new Cluster(kafka.access);
    this.done = readPartitions(cluster, assignments, {
      signal: this.stop.signal,
      onNotice: (notice) => this.notices.push(notice),
      onChunks: async (chunks: readonly Chunk[]) => {
        for (const chunk of chunks) {
          await loaded.prepare(chunk.bytes);
          for (const record of recordsOf(chunk, loaded)) this.seen.push(`${chunk.topic}/${chunk.partition}@${record.offset} ${record.value?.toString() ?? '-'}`);
        }
      },
      ...options,
    }).finally(() => cluster[Symbol.asyncDispose]());
  }

  async sees(count: number): Promise<string[]> {
    await vi.waitFor(() => expect(this.seen.length).toBeGreaterThanOrEqual(count), { timeout: 5000 });
    return this.seen;
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.done;
  }
}

const from = (topic: string, partition: number, offset = 0, until = Infinity): Assignment => ({ topic, partition, offset, until });
const fetches = (kafka: ScriptedCluster): string[] => kafka.heard.filter((line) => line.includes('Fetch'));

describe('reading to an end', () => {
  test('gives every record of every partition once, in order, and stops', async () => {
    const kafka = new ScriptedCluster([1, 2]).topic('orders', [1, 2]);
    kafka.append('orders', 0, ['a', 'b']);
    kafka.append('orders', 0, ['c']);
    kafka.append('orders', 1, ['d', null]);
    const reading = new Reading(kafka, [from('orders', 0, 0, 3), from('orders', 1, 0, 2)]);
    await reading.done;
    expect(reading.seen.sort()).toEqual(['orders/0@0 a', 'orders/0@1 b', 'orders/0@2 c', 'orders/1@0 d', 'orders/1@1 -']);
  });

  test('asks each broker for what it leads, over a connection of its own', async () => {
    const kafka = new ScriptedCluster([1, 2]).topic('orders', [1, 2]);
    kafka.append('orders', 0, ['a']);
    kafka.append('orders', 1, ['b']);
    await new Reading(kafka, [from('orders', 0, 0, 1), from('orders', 1, 0, 1)]).done;
    expect(fetches(kafka).sort()).toEqual(['1 Fetch orders/0@0', '2 Fetch orders/1@0']);
  });

  test('asks nothing of a partition that has nothing to read', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    await new Reading(kafka, [from('orders', 0, 5, 5)]).done;
    expect(kafka.heard).toEqual([]);
  });

  test('stops in the middle of a batch, and starts there', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a', 'b', 'c', 'd']);
    const reading = new Reading(kafka, [from('orders', 0, 1, 3)]);
    await reading.done;
    expect(reading.seen).toEqual(['orders/0@1 b', 'orders/0@2 c']);
  });

  test('passes over gaps and the ends of transactions, also when they are all that is left', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a', 'b'], { deltas: [0, 5] });
    kafka.append('orders', 0, ['c'], { baseOffset: 20 });
    kafka.append('orders', 0, ['commit'], { control: true });
    const reading = new Reading(kafka, [from('orders', 0, 0, 22)]);
    await reading.done;
    expect(reading.seen).toEqual(['orders/0@0 a', 'orders/0@5 b', 'orders/0@20 c']);
  });

  test('is right for any batches with any gaps and codecs, from anywhere to anywhere', async () => {
    const batches = fc.array(
      fc.record({ deltas: fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 6 }), gap: fc.nat(30), codec: fc.constantFrom(...codecs), control: fc.boolean() }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(150), fc.nat(150), async (all, a, b) => {
        const kafka = new ScriptedCluster().topic('t', [1]);
        const expected: string[] = [];
        for (const { deltas, gap, codec, control } of all) {
          const base = kafka.log('t', 0).end + gap;
          const sorted = [0, ...deltas.map((delta) => delta + 1).sort((x, y) => x - y)];
          const offsets = sorted.map((delta) => base + delta);
          if (!control) expected.push(...offsets.map((offset) => `t/0@${offset} v${offset}`));
          kafka.append('t', 0, offsets.map((offset) => `v${offset}`), { baseOffset: base, deltas: sorted, codec, control });
        }
        const { end } = kafka.log('t', 0);
        const start = Math.min(a, end);
        const until = Math.min(Math.max(start, b), end);
        const reading = new Reading(kafka, [from('t', 0, start, until)]);
        await reading.done;
        expect(reading.seen).toEqual(expected.filter((line) => {
          const offset = Number(/@(\d+)/.exec(line)?.[1]);
          return offset >= start && offset < until;
        }));
      }),
      { numRuns: 60 },
    );
  });
});

describe('following', () => {
  test('prints what comes, and ends quietly when it is told to', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    const reading = new Reading(kafka, [from('orders', 0)]);
    kafka.append('orders', 0, ['a']);
    await reading.sees(1);
    kafka.append('orders', 0, ['b']);
    expect(await reading.sees(2)).toEqual(['orders/0@0 a', 'orders/0@1 b']);
    await reading.end();
    expect(reading.notices).toEqual([]);
  });

  test('finds what is made meanwhile', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    const made = (): Assignment[] => (kafka.topics.has('new') ? [from('orders', 0), from('new', 0)] : []);
    const reading = new Reading(kafka, [from('orders', 0)], { discover: async () => made(), discoverEveryMs: 5 });
    kafka.append('orders', 0, ['a']);
    await reading.sees(1);
    kafka.topic('new', [1]).append('new', 0, ['b']);
    expect(await reading.sees(2)).toEqual(['orders/0@0 a', 'new/0@0 b']);
    await reading.end();
  });

  test('waits for a topic when there is none at all', async () => {
    const kafka = new ScriptedCluster();
    const reading = new Reading(kafka, [], { discover: async () => (kafka.topics.has('new') ? [from('new', 0)] : []), discoverEveryMs: 5 });
    kafka.topic('new', [1]).append('new', 0, ['a']);
    expect(await reading.sees(1)).toEqual(['new/0@0 a']);
    await reading.end();
  });
});

describe('while something breaks', () => {
  test('a lost connection costs nothing and repeats nothing', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    const reading = new Reading(kafka, [from('orders', 0)]);
    kafka.append('orders', 0, ['a', 'b']);
    await reading.sees(2);
    kafka.drop(1);
    kafka.append('orders', 0, ['c']);
    expect(await reading.sees(3)).toEqual(['orders/0@0 a', 'orders/0@1 b', 'orders/0@2 c']);
    await vi.waitFor(() => expect(reading.notices.map(({ kind }) => kind)).toEqual(['lost', 'back']));
    await reading.end();
  });

  test('a broker that is away is said once, and asked for until it is back', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    const reading = new Reading(kafka, [from('orders', 0)]);
    await reading.sees(1);
    kafka.down.add(1);
    kafka.drop(1);
    kafka.append('orders', 0, ['b']);
    await vi.waitFor(() => expect(reading.notices.map(({ kind }) => kind)).toEqual(['lost']));
    kafka.down.delete(1);
    expect(await reading.sees(2)).toEqual(['orders/0@0 a', 'orders/0@1 b']);
    expect(reading.notices.map(({ kind }) => kind)).toEqual(['lost', 'back']);
    await reading.end();
  });

  test('a broker that stays away ends what has patience for so long', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    const reading = new Reading(kafka, [from('orders', 0, 0, 2)], { patienceMs: 20 });
    reading.done.catch(() => undefined);
    await reading.sees(1);
    kafka.down.add(1);
    kafka.drop(1);
    await expect(reading.done).rejects.toMatchObject({ code: 'TODOCTL_KAFKA_UNREACHABLE' });
  });

  test('a leader that moves is followed', async () => {
    const kafka = new ScriptedCluster([1, 2]).topic('orders', [1]);
    const reading = new Reading(kafka, [from('orders', 0)]);
    kafka.append('orders', 0, ['a']);
    await reading.sees(1);
    kafka.log('orders', 0).leader = 2;
    kafka.append('orders', 0, ['b']);
    expect(await reading.sees(2)).toEqual(['orders/0@0 a', 'orders/0@1 b']);
    expect(fetches(kafka).at(-1)).toBe('2 Fetch orders/0@2');
    await reading.end();
  });

  test('a partition without a leader is waited for, the others go on', async () => {
    const kafka = new ScriptedCluster().topic('orders', [-1, 1]);
    const reading = new Reading(kafka, [from('orders', 0), from('orders', 1)]);
    kafka.append('orders', 0, ['a']);
    kafka.append('orders', 1, ['b']);
    expect(await reading.sees(1)).toEqual(['orders/1@0 b']);
    kafka.log('orders', 0).leader = 1;
    kafka.wake();
    kafka.append('orders', 1, ['c']);
    expect((await reading.sees(3)).sort()).toEqual(['orders/0@0 a', 'orders/1@0 b', 'orders/1@1 c']);
    await reading.end();
  });

  test('records that retention took are said to be gone, and reading goes on after them', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    for (const value of ['a', 'b', 'c']) kafka.append('orders', 0, [value]);
    kafka.log('orders', 0).beginning = 2;
    const reading = new Reading(kafka, [from('orders', 0, 0, 3)]);
    await reading.done;
    expect(reading.seen).toEqual(['orders/0@2 c']);
    expect(reading.notices).toEqual([{ kind: 'skipped', topic: 'orders', partition: 0, from: 0, to: 2 }]);
  });

  test('and never goes back to them when the connection is lost later', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    for (const value of ['a', 'b', 'c']) kafka.append('orders', 0, [value]);
    kafka.log('orders', 0).beginning = 1;
    const reading = new Reading(kafka, [from('orders', 0)]);
    await reading.sees(2);
    kafka.drop(1);
    kafka.append('orders', 0, ['d']);
    expect(await reading.sees(3)).toEqual(['orders/0@1 b', 'orders/0@2 c', 'orders/0@3 d']);
    expect(reading.notices.filter(({ kind }) => kind === 'skipped')).toHaveLength(1);
    await reading.end();
  });

  test('a topic that was made anew is read from its beginning', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a', 'b', 'c']);
    const reading = new Reading(kafka, [from('orders', 0)]);
    await reading.sees(3);
    kafka.topic('orders', [1]);
    kafka.append('orders', 0, ['new']);
    expect((await reading.sees(4)).at(-1)).toBe('orders/0@0 new');
    expect(reading.notices).toContainEqual({ kind: 'skipped', topic: 'orders', partition: 0, from: 3, to: 0 });
    await reading.end();
  });

  test('a refusal that cannot pass ends it', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    let answered = 0;
    const reading = new Reading(kafka, [from('orders', 0)]);
    kafka.script = ({ api }) => {
      if (api !== ApiKey.fetch || answered++ > 0) return undefined;
      const answer = Buffer.alloc(64);
      let at = answer.writeInt32BE(0);
      at = answer.writeInt32BE(1, at);
      at = answer.writeInt16BE(6, at);
      at += answer.write('orders', at);
      at = answer.writeInt32BE(1, at);
      at = answer.writeInt32BE(0, at);
      at = answer.writeInt16BE(ErrorCode.TOPIC_AUTHORIZATION_FAILED, at) + 16;
      at = answer.writeInt32BE(-1, at);
      return answer.subarray(0, answer.writeInt32BE(0, at));
    };
    const error = await reading.done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KafkaError);
    expect((error as Error).message).toBe('fetch orders/0: TOPIC_AUTHORIZATION_FAILED');
  });

  test('a damaged batch ends it, with the place', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    kafka.append('orders', 0, ['b']);
    const batch = kafka.log('orders', 0).batches[1] as Buffer;
    batch[batch.length - 2] = 0xff;
    const reading = new Reading(kafka, [from('orders', 0)]);
    await expect(reading.done).rejects.toThrow('batch at offset 1 of orders/0 is damaged: its CRC is wrong');
    expect(reading.seen).toEqual(['orders/0@0 a']);
  });

  test('a batch larger than what was asked for is asked for again, larger', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['x'.repeat(17 * 1024 * 1024)]);
    const reading = new Reading(kafka, [from('orders', 0, 0, 1)]);
    await reading.done;
    expect(reading.seen).toHaveLength(1);
    expect(fetches(kafka).length).toBeGreaterThan(1);
  });

  test('a batch that claims to be larger than anything is refused', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    (kafka.log('orders', 0).batches[0] as Buffer).writeInt32BE(2 ** 31 - 1, BATCH.length);
    await expect(new Reading(kafka, [from('orders', 0)]).done).rejects.toThrow(MalformedFrame);
  });

  test('what the taker of records throws ends it, and nothing is left open', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    kafka.append('orders', 0, ['a']);
    const pipe = new Error('EPIPE');
    await expect(new Reading(kafka, [from('orders', 0)], { onChunks: () => Promise.reject(pipe) }).done).rejects.toBe(pipe);
  });
});

describe('pace', () => {
  test('the next fetch is sent before the answer at hand is taken, and no third one', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    for (const value of ['a', 'b', 'c', 'd']) kafka.append('orders', 0, [value]);
    const taken = Promise.withResolvers<undefined>();
    let given = 0;
    const reading = new Reading(kafka, [from('orders', 0, 0, 4)], { onChunks: () => (given++ === 0 ? taken.promise : undefined) });
    await vi.waitFor(() => expect(fetches(kafka)).toEqual(['1 Fetch orders/0@0', '1 Fetch orders/0@1']));
    // Its answer is here; as long as the first is not taken nothing more is asked for.
    await new Promise((resolve) => setImmediate(resolve));
    expect(fetches(kafka)).toHaveLength(2);
    expect(given).toBe(1);
    taken.resolve(undefined);
    await reading.done;
    expect(given).toBe(4);
  });

  test('partitions that were answered go to the end of the line', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1, 1]);
    kafka.append('orders', 0, ['a']);
    kafka.append('orders', 0, ['b']);
    const reading = new Reading(kafka, [from('orders', 0), from('orders', 1)]);
    await reading.sees(2);
    expect(fetches(kafka).slice(0, 2)).toEqual(['1 Fetch orders/0@0 orders/1@0', '1 Fetch orders/1@0 orders/0@1']);
    await reading.end();
  });
});
