import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { Cluster } from '../../../../cli/kafka/cluster.ts';
import { CODECS } from '../../../../cli/kafka/compression.ts';
import type { KafkaRecord } from '../../../../cli/kafka/record-batch.ts';
import { fetchLoop } from '../../../../cli/sidecar/kafka/fetch-loop.ts';
import { RecordQueue } from '../../../../cli/sidecar/kafka/record-queue.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import { Client, codecNamed, tcpAccess, values } from '../../../contract/kafka/client.ts';
import { startEmbedded, type EmbeddedKafka } from '../../../contract/kafka/embedded.ts';

let kafka: EmbeddedKafka;
let client: Client;
let cluster: Cluster;
const logged: string[] = [];

beforeAll(async () => {
  kafka = await startEmbedded();
  client = await Client.dial(kafka.bootstrap);
  cluster = new Cluster(tcpAccess(kafka.bootstrap));
});
afterAll(async () => {
  client.close();
  await cluster[Symbol.asyncDispose]();
  await kafka.stop();
});

/** Reads `count` records of partition 0 and stops. */
async function read(topic: string, count: number, committed: number, initial: 'newest' | 'oldest' = 'oldest', meanwhile: () => Promise<unknown> = async () => undefined): Promise<(string | undefined)[]> {
  const stop = new AbortController();
  const queue = new RecordQueue<KafkaRecord>(2);
  const looping = fetchLoop({ cluster, claim: { topic, partition: 0 }, committed, initial, queue, clock: systemClock, log: jsonLog({ name: 'sidecar', level: 'warn', write: (line) => logged.push(line) }), stop: stop.signal });
  const doing = meanwhile();
  const found: (string | undefined)[] = [];
  while (found.length < count) found.push(...(await queue.take(1, 0)).map(({ value }) => value?.toString()));
  stop.abort();
  queue.close();
  await Promise.all([looping, doing]);
  return found;
}

describe('reading a partition', () => {
  it('begins where the group has committed, in the middle of a batch, too', async () => {
    const topic = await client.newTopic(1);
    await client.produce(topic, values('a', 'b', 'c', 'd'));
    expect(await read(topic, 2, 2)).toEqual(['c', 'd']);
  });

  it('begins at the oldest record or at the next one where the group is new', async () => {
    const topic = await client.newTopic(1);
    await client.produce(topic, values('old'));
    expect(await read(topic, 1, -1, 'oldest')).toEqual(['old']);
    const later = async (): Promise<void> => {
      for (let sent = 0; sent < 5; sent++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        await client.produce(topic, values('new'));
      }
    };
    expect(await read(topic, 1, -1, 'newest', later)).toEqual(['new']);
  });

  it('begins anew where what was committed is not there any more', async () => {
    const topic = await client.newTopic(1);
    await client.produce(topic, values('a', 'b'));
    expect(await read(topic, 2, 4711)).toEqual(['a', 'b']);
  });

  it.each(CODECS)('unpacks %s', async (name) => {
    const topic = await client.newTopic(1);
    const texts = Array.from({ length: 50 }, (_, n) => `record ${n}`);
    await client.produce(topic, values(...texts), { codec: await codecNamed(name) });
    expect(await read(topic, 50, -1)).toEqual(texts);
  });

  it('reads more than fits into one fetch, and waits while nobody takes it', async () => {
    const topic = await client.newTopic(1);
    const texts = Array.from({ length: 40 }, (_, n) => `${n}:${'x'.repeat(100_000)}`);
    for (const text of texts) await client.produce(topic, values(text));
    expect(await read(topic, 40, -1)).toEqual(texts);
  });

  it('waits for a topic that is not there, saying so once', async () => {
    const topic = 'made-later';
    logged.length = 0;
    const stop = new AbortController();
    const queue = new RecordQueue<KafkaRecord>(2);
    const looping = fetchLoop({ cluster, claim: { topic, partition: 0 }, committed: -1, initial: 'oldest', queue, clock: systemClock, log: jsonLog({ name: 'sidecar', level: 'warn', write: (line) => logged.push(line) }), stop: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 700));
    stop.abort();
    queue.close();
    await looping;
    expect(logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['cannot read made-later/0: topic made-later: UNKNOWN_TOPIC_OR_PARTITION']);
  });
});
