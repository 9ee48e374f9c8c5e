import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTopics } from '../../../cli/kafka/apis/topics.ts';
import { ErrorCode, errorName } from '../../../cli/kafka/error-codes.ts';
import { diskFiles, type Files } from '../../../cli/broker/log/files.ts';
import { offsetCommit, offsetFetchOf } from '../../contract/kafka/apis.ts';
import { batchOf, Client, texts, values } from '../../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../../contract/kafka/embedded.ts';
import { until } from '../../support/until.ts';

/** A disk that can be filled up, and that counts how often it was made to write for good. */
function testDisk(): Files & { full: boolean; syncs: number } {
  const disk = { full: false, syncs: 0 };
  const refuse = (): void => {
    if (disk.full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
  };
  return Object.assign(disk, {
    replace: (path: string, content: string) => {
      refuse();
      diskFiles.replace(path, content);
    },
    open: (path: string) => {
      const file = diskFiles.open(path);
      return {
        ...file,
        write: (bytes: Buffer, position: number) => {
          // As a disk does: it takes what still fits, then refuses.
          if (disk.full) file.write(bytes.subarray(0, bytes.length >> 1), position);
          refuse();
          file.write(bytes, position);
        },
        sync: () => {
          disk.syncs++;
          file.sync();
        },
        syncSoon: async () => {
          disk.syncs++;
          await file.syncSoon();
        },
      };
    },
  });
}

describe('the broker and its disk', () => {
  let disk: ReturnType<typeof testDisk>;
  let broker: EmbeddedKafka;
  let client: Client;
  const start = async (config: Parameters<typeof startEmbedded>[0] = {}): Promise<void> => {
    broker = await startEmbedded(config, { files: disk });
    client = await Client.dial(broker.bootstrap);
  };
  beforeEach(() => {
    disk = testDisk();
  });
  afterEach(async () => {
    client.close();
    await broker.stop();
  });

  it('without free space it refuses to write, stays up and has lost nothing', async () => {
    await start();
    const topic = await client.newTopic();
    const commit = (offset: number): Promise<number> => client.connection.call(offsetCommit, { group: 'g', topic, partition: 0, offset });
    await client.produce(topic, values('before'));
    await commit(1);

    disk.full = true;
    const refused = await client.send(topic, batchOf(values('no room for this', 'nor this')));
    expect([errorName(refused.error), refused.message]).toEqual(['KAFKA_STORAGE_ERROR', 'ENOSPC: no space left on device, write']);
    expect(errorName(await commit(2))).toBe('COORDINATOR_NOT_AVAILABLE');
    const [made] = await client.connection.call(createTopics, { topics: [{ name: 'no-room', partitions: 1 }], timeoutMs: 1000 });
    expect(errorName(made?.error ?? 0)).toBe('KAFKA_STORAGE_ERROR');
    expect(texts(await client.read(topic))).toEqual(['before']);

    disk.full = false;
    expect(await client.produce(topic, values('after'))).toBe(1);
    expect([await commit(2), await client.connection.call(createTopics, { topics: [{ name: 'no-room', partitions: 1 }], timeoutMs: 1000 })]).toMatchObject([0, [{ error: 0 }]]);
    client.close();
    await broker.restart();
    client = await Client.dial(broker.bootstrap);
    expect(texts(await client.read(topic))).toEqual(['before', 'after']);
    expect((await client.connection.call(offsetFetchOf, { group: 'g', topic, partitions: [0] }))[0]?.offset).toBe(2);
  });

  it('stops without free space, and has everything when it starts again', async () => {
    await start();
    const topic = await client.newTopic();
    for (const text of ['a', 'b']) await client.produce(topic, values(text));
    disk.full = true;
    client.close();
    await broker.halt();
    expect(broker.logged.at(-1)).toContain('the next start will read it');
    disk.full = false;
    await broker.resume();
    client = await Client.dial(broker.bootstrap);
    expect(texts(await client.read(topic))).toEqual(['a', 'b']);
  });

  it("syncs before every answer when told to", async () => {
    await start({ flush: 'every-write' });
    const topic = await client.newTopic();
    const before = disk.syncs;
    await client.produce(topic, values('a'));
    await client.produce(topic, values('b'));
    expect(disk.syncs - before).toBe(2);
    await client.connection.call(offsetCommit, { group: 'g', topic, partition: 0, offset: 1 });
    expect(disk.syncs - before).toBe(3);
  });

  it('else syncs what was written a moment later, once for many writes', async () => {
    await start({ flush: 200 });
    const topic = await client.newTopic();
    const before = disk.syncs;
    for (let n = 0; n < 50; n++) await client.produce(topic, values(`${n}`));
    expect(disk.syncs - before).toBeLessThan(50);
    await until('the sync', () => disk.syncs > before);
  });

  it('removes old segments by itself, and readers go on at the new beginning', async () => {
    await start({ retentionCheckMs: 50 });
    const topic = await client.newTopic(1, { 'retention.bytes': '4000', 'segment.bytes': '2000' });
    for (let n = 0; n < 20; n++) await client.produce(topic, values('x'.repeat(900)));
    await until('retention', async () => (await client.fetch(topic, 0)).error === ErrorCode.OFFSET_OUT_OF_RANGE);
    const { offset } = await client.offsetAt(topic, -2);
    expect((await client.read(topic, offset)).map((record) => record.offset)).toEqual(Array.from({ length: 20 - offset }, (_, index) => offset + index));
    expect(20 - offset).toBeGreaterThanOrEqual(4);
  });
});
