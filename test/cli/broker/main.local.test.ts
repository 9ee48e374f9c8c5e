import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LATEST } from '../../../cli/kafka/apis/list-offsets.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { offsetCommit, offsetFetchOf } from '../../contract/kafka/apis.ts';
import { batchOf, Client, texts, values } from '../../contract/kafka/client.ts';
import { type BrokerProcess, ready, runBroker } from './support/broker-process.ts';

describe('the broker process', () => {
  let folder: string;
  const running: BrokerProcess[] = [];
  const clients: Client[] = [];

  const run = (config: Record<string, unknown> = {}): BrokerProcess => {
    const broker = runBroker(folder, config);
    running.push(broker);
    return broker;
  };
  const dial = async (port: number): Promise<Client> => {
    const client = await Client.dial(`127.0.0.1:${port}`);
    clients.push(client);
    return client;
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'broker-process-'));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('stops on SIGTERM with 0, though clients are connected and one waits, and lets its data go', async () => {
    const broker = run();
    const port = await ready(broker);
    const client = await dial(port);
    const topic = await client.newTopic();
    await client.produce(topic, values('kept'));
    const waiting = client.fetch(topic, 1, { maxWaitMs: 30_000, minBytes: 1 }).catch(() => 'cut off');
    broker.child.kill('SIGTERM');
    expect(await broker.ended).toBe(0);
    expect(await waiting).toBe('cut off');
    expect([broker.lines.map(({ msg }) => msg), broker.stderr()]).toEqual([['ready', 'stopping', 'stopped'], '']);
    const again = await dial(await ready(run({ port })));
    expect(texts(await again.read(topic))).toEqual(['kept']);
  });

  it('loses nothing that was acknowledged when it is killed while clients produce and commit', async () => {
    const first = run({ segmentBytes: 200_000 });
    const port = await ready(first);
    const client = await dial(port);
    const topic = await client.newTopic(2);
    const acknowledged: string[][] = [[], []];
    let committed = 0;
    let enough: () => void;
    const halfWay = new Promise<void>((resolve) => (enough = resolve));
    const producing = [0, 1].map(async (partition) => {
      const producer = await dial(port);
      for (let n = 0; ; n++) {
        const sent = Array.from({ length: 1 + (n % 5) }, (_, index) => `${partition}/${n}/${index} ${'x'.repeat((n * 37) % 900)}`);
        // The kill ends this: a request without an answer may or may not be there.
        const produced = await producer.send(topic, batchOf(values(...sent)), partition).catch(() => undefined);
        if (produced?.error !== 0) return;
        acknowledged[partition]?.push(...sent);
        if (n === 400) enough();
      }
    });
    const committing = (async () => {
      const member = await dial(port);
      for (let offset = 1; ; offset++) {
        const error = await member.connection.call(offsetCommit, { group: 'g', topic, partition: 0, offset }).catch(() => -1);
        if (error !== 0) return;
        committed = offset;
      }
    })();
    await halfWay;
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    await Promise.all([...producing, committing]);

    // What a kill leaves in the middle of a write: half a batch behind the last one.
    const again = await dial(await ready(run({ port, segmentBytes: 200_000 })));
    for (const partition of [0, 1]) {
      const there = texts(await again.read(topic, 0, partition));
      const sent = acknowledged[partition] ?? [];
      expect(sent.length).toBeGreaterThan(1000);
      expect(there.slice(0, sent.length)).toEqual(sent);
      // One batch more may have been written whose answer was lost, never more than that.
      expect(there.length - sent.length).toBeLessThanOrEqual(5);
    }
    const [offset] = await again.connection.call(offsetFetchOf, { group: 'g', topic, partitions: [0] });
    expect(offset?.offset).toBeGreaterThanOrEqual(committed);
    expect(committed).toBeGreaterThan(0);
  });

  it('cuts a torn tail at the last whole batch, says so, and goes on behind it', async () => {
    const first = run();
    const port = await ready(first);
    const client = await dial(port);
    const topic = await client.newTopic();
    await client.produce(topic, values('whole', 'too'));
    first.child.kill('SIGKILL');
    await first.ended;
    const file = path.join(folder, 'data', 'topics', topic, '0', '00000000000000000000.log');
    const half = batchOf(values('never acknowledged')).subarray(0, 70);
    writeFileSync(file, Buffer.concat([readFileSync(file), half]));
    const second = run({ port });
    const again = await dial(await ready(second));
    expect(second.lines).toContainEqual(expect.objectContaining({ level: 40, bytes: 70, topic }));
    expect(await again.produce(topic, values('next'))).toBe(2);
    expect(texts(await again.read(topic))).toEqual(['whole', 'too', 'next']);
  });

  it('knows a batch again that an idempotent producer repeats after a kill', async () => {
    const first = run();
    const port = await ready(first);
    const client = await dial(port);
    const topic = await client.newTopic();
    const { producerId, epoch } = await client.newProducer();
    const batch = (baseSequence: number): Buffer => batchOf(values(`${baseSequence}`), { producerId, producerEpoch: epoch, baseSequence });
    await client.send(topic, batch(0));
    await client.send(topic, batch(1));
    first.child.kill('SIGKILL');
    await first.ended;
    const again = await dial(await ready(run({ port })));
    expect([await again.send(topic, batch(1)), await again.send(topic, batch(2))]).toMatchObject([{ error: 0, baseOffset: 1 }, { error: 0, baseOffset: 2 }]);
    expect((await again.offsetAt(topic, LATEST)).offset).toBe(3);
    const fresh = await again.newProducer();
    expect(fresh.producerId).not.toBe(producerId);
  });

  it('asks members to join again after a restart, and keeps what they committed', async () => {
    const first = run();
    const port = await ready(first);
    const client = await dial(port);
    const topic = await client.newTopic();
    const { memberId } = await client.join({ group: 'g' });
    first.child.kill('SIGKILL');
    await first.ended;
    const again = await dial(await ready(run({ port })));
    expect((await again.join({ group: 'g', memberId })).error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect((await again.join({ group: 'g' })).error).toBe(0);
    expect((await again.offsetAt(topic, LATEST)).error).toBe(0);
  });

  describe('ends with 3 and one line that says why', () => {
    const refusal = async (broker: BrokerProcess): Promise<unknown> => {
      expect(await broker.ended).toBe(3);
      expect(broker.stderr()).toBe('');
      expect(broker.lines).toHaveLength(1);
      return broker.lines[0];
    };

    it('when another broker has the data', async () => {
      await ready(run());
      expect(await refusal(run())).toMatchObject({ level: 60, code: 'TODOCTL_BROKER_DATA_IN_USE' });
    });

    it('when the data has another layout', async () => {
      const first = run();
      await ready(first);
      first.child.kill('SIGTERM');
      await first.ended;
      writeFileSync(path.join(folder, 'data', 'meta.json'), '{"version":99}');
      expect(await refusal(run())).toMatchObject({ level: 60, code: 'TODOCTL_BROKER_DATA_VERSION' });
    });

    it('when its port is taken, and the data is free again', async () => {
      const port = await ready(run());
      const dataDir = path.join(folder, 'other');
      expect(await refusal(run({ port, dataDir }))).toMatchObject({ level: 60, code: 'EADDRINUSE' });
      await ready(run({ dataDir }));
    });

    it('when its config is wrong', async () => {
      expect(await refusal(run({ host: '0.0.0.0' }))).toMatchObject({ level: 60, msg: expect.stringContaining('host') as string });
    });
  });
});
