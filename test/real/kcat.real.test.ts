import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LATEST } from '../../cli/kafka/apis/list-offsets.ts';
import { offsetFetchOf } from '../contract/kafka/apis.ts';
import { Client, texts, values } from '../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../contract/kafka/embedded.ts';
import { until } from '../support/until.ts';
import { findKcat } from '../tools/kcat.ts';
import { realPart } from './parts.ts';

const part = await realPart('kcat', () => findKcat());
const run = promisify(execFile);

describe.skipIf(!part)('kcat against the embedded broker', () => {
  let broker: EmbeddedKafka;
  let client: Client;
  let folder: string;
  const running = new Set<ChildProcess>();

  const kcat = async (...args: string[]): Promise<string> =>
    (await run('kcat', ['-b', broker.bootstrap, ...args], { timeout: 60_000, maxBuffer: 1 << 26 })).stdout;
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

  beforeAll(async () => {
    broker = await startEmbedded();
    client = await Client.dial(broker.bootstrap);
    folder = mkdtempSync(path.join(tmpdir(), 'kcat-'));
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  afterAll(async () => {
    client.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A kcat that goes on until it is ended, and what it has printed so far. */
  const follow = (...args: string[]): { child: ChildProcess; printed: () => string[] } => {
    const child = spawn('kcat', ['-b', broker.bootstrap, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { child, printed: () => lines(text) };
  };

  const produce = async (topic: string, sent: readonly string[], ...args: string[]): Promise<void> => {
    const file = path.join(folder, 'sent');
    writeFileSync(file, sent.map((line) => `${line}\n`).join(''));
    await kcat('-P', '-t', topic, '-l', file, ...args);
  };

  it('lists broker, topics and partitions', async () => {
    const topic = await client.newTopic(3);
    const listed = JSON.parse(await kcat('-L', '-J', '-t', topic)) as { brokers: { name: string }[]; topics: { partitions: { leader: number }[] }[] };
    expect(listed.brokers.map(({ name }) => name)).toEqual([broker.bootstrap]);
    expect(listed.topics[0]?.partitions.map(({ leader }) => leader)).toEqual([1, 1, 1]);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('produces and consumes 20,000 records, compressed with %s', async (codec) => {
    const topic = await client.newTopic();
    const sent = Array.from({ length: 20_000 }, (_, index) => `${index} ${'again '.repeat(index % 30)}.`);
    await produce(topic, sent, '-z', codec, '-X', 'check.crcs=true');
    expect(lines(await kcat('-C', '-t', topic, '-e', '-q', '-o', 'beginning', '-X', 'check.crcs=true'))).toEqual(sent);
  });

  it('gives keys, headers and times to our client and takes them from it', async () => {
    const topic = await client.newTopic();
    await produce(topic, ['key:value'], '-K', ':', '-H', 'trace=abc');
    const [record] = await client.read(topic);
    expect([record?.key?.toString(), record?.value?.toString(), record?.headers.map(({ key, value }) => `${key}=${value?.toString()}`)]).toEqual(['key', 'value', ['trace=abc']]);
    await client.produce(topic, [{ key: Buffer.from('k'), value: null, timestamp: 1_700_000_000_123, headers: [{ key: 'h', value: Buffer.from('x') }] }]);
    expect(await kcat('-C', '-t', topic, '-o', '1', '-c', '1', '-q', '-f', '%o %k %S %T %h')).toBe('1 k -1 1700000000123 h=x');
  });

  it('produces idempotently', async () => {
    const topic = await client.newTopic(4);
    const sent = Array.from({ length: 5000 }, (_, index) => `message ${index}`);
    await produce(topic, sent, '-X', 'enable.idempotence=true');
    const read = await Promise.all([0, 1, 2, 3].map((partition) => client.read(topic, 0, partition)));
    expect(read.flatMap(texts).sort()).toEqual([...sent].sort());
  });

  it('finds an offset by time', async () => {
    const topic = await client.newTopic();
    for (const second of [0, 10, 20]) await client.produce(topic, [{ value: Buffer.from('x'), timestamp: 1_700_000_000_000 + second * 1000 }]);
    expect(await kcat('-Q', '-t', `${topic}:0:1700000005000`)).toContain('offset 1');
  });

  it('follows a topic live', async () => {
    const topic = await client.newTopic();
    const tail = follow('-C', '-t', topic, '-q', '-u', '-o', 'beginning');
    await client.produce(topic, values('one'));
    await until('the first record', () => tail.printed().length === 1);
    await client.produce(topic, values('two', 'three'));
    await until('all records', () => tail.printed().length === 3);
    expect(tail.printed()).toEqual(['one', 'two', 'three']);
  });

  it('shares a topic out between two members of a group, and goes on where the group stopped', async () => {
    const topic = await client.newTopic(4);
    const group = `group-${topic}`;
    const member = (): ReturnType<typeof follow> =>
      follow('-q', '-u', '-X', 'auto.offset.reset=earliest', '-X', 'session.timeout.ms=6000', '-X', 'heartbeat.interval.ms=200', '-X', 'auto.commit.interval.ms=100', '-G', group, topic);
    const put = async (text: string): Promise<void> => {
      for (let partition = 0; partition < 4; partition++) await client.produce(topic, values(`${text} ${partition}`), { partition });
    };
    const first = member();
    await put('first');
    await until('the first member to have all', () => first.printed().length === 4);
    const second = member();
    await until('both to have a share', async () => {
      await put('shared');
      return second.printed().length > 0;
    }, 40_000);
    // Ended in the middle of a rebalance a member could not commit what it has printed, and somebody would be given it again.
    await until('the group to have committed all', async () => {
      const committed = await client.connection.call(offsetFetchOf, { group, topic, partitions: [0, 1, 2, 3] });
      const ends = await Promise.all(committed.map(({ partition }) => client.offsetAt(topic, LATEST, partition)));
      return committed.every(({ offset }, index) => offset === ends[index]?.offset);
    }, 40_000);
    const ended = [first, second].map(({ child }) => once(child, 'exit'));
    for (const { child } of [first, second]) child.kill('SIGTERM');
    await Promise.all(ended);
    const before = new Set([...first.printed(), ...second.printed()]);
    expect(before.size).toBe(8);
    await put('later');
    const third = member();
    await until('what came meanwhile', () => third.printed().length >= 4);
    expect([...third.printed()].sort()).toEqual(['later 0', 'later 1', 'later 2', 'later 3']);
  });
});
