import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { Cluster } from '../../../../cli/kafka/cluster.ts';
import { loadCodec } from '../../../../cli/kafka/compression.ts';
import { KafkaProducer } from '../../../../cli/sidecar/kafka/producer.ts';
import { Client, tcpAccess } from '../../../contract/kafka/client.ts';
import { startEmbedded, type EmbeddedKafka } from '../../../contract/kafka/embedded.ts';

let kafka: EmbeddedKafka;
let client: Client;
let cluster: Cluster;

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

const SETTINGS = { codec: undefined, maxMessageBytes: 100_000, retryMax: 5, clock: systemClock };
const message = (text: string, metadata: Record<string, string> = {}): { value: Buffer; metadata: Record<string, string> } => ({ value: Buffer.from(text), metadata });
const texts = async (topic: string, partition = 0): Promise<(string | undefined)[]> => (await client.read(topic, 0, partition)).map(({ value }) => value?.toString());

describe('the producer', () => {
  it('writes the metadata as headers and the partition key as the key', async () => {
    const topic = await client.newTopic(1);
    expect(await new KafkaProducer({ ...SETTINGS, cluster }).send(topic, [message('hello', { partitionKey: 'k', shade: 'blue' })])).toEqual([undefined]);
    const [record] = await client.read(topic);
    expect(record?.key?.toString()).toBe('k');
    expect(record?.headers.map(({ key, value }) => [key, value?.toString()])).toEqual([['partitionKey', 'k'], ['shade', 'blue']]);
  });

  it('takes along what comes while a request is under way, in order', async () => {
    const topic = await client.newTopic(1);
    const producer = new KafkaProducer({ ...SETTINGS, cluster });
    const outcomes = await Promise.all(Array.from({ length: 2000 }, (_, n) => producer.send(topic, [message(String(n), { partitionKey: 'one' })])));
    expect(outcomes.flat().filter(Boolean)).toEqual([]);
    expect(await texts(topic)).toEqual(Array.from({ length: 2000 }, (_, n) => String(n)));
  });

  it('spreads messages without a key over all partitions', async () => {
    const topic = await client.newTopic(3);
    await new KafkaProducer({ ...SETTINGS, cluster }).send(topic, Array.from({ length: 9 }, (_, n) => message(String(n))));
    expect(await Promise.all([0, 1, 2].map(async (partition) => (await texts(topic, partition)).length))).toEqual([3, 3, 3]);
  });

  it('splits what does not fit into one batch, and keeps the order', async () => {
    const topic = await client.newTopic(1);
    const sent = Array.from({ length: 50 }, (_, n) => `${n}:${'x'.repeat(9000)}`);
    expect((await new KafkaProducer({ ...SETTINGS, cluster }).send(topic, sent.map((text) => message(text)))).filter(Boolean)).toEqual([]);
    expect(await texts(topic)).toEqual(sent);
  });

  it('refuses one message that is too large and writes the others', async () => {
    const topic = await client.newTopic(1);
    const outcomes = await new KafkaProducer({ ...SETTINGS, cluster }).send(topic, [message('a'), message('x'.repeat(100_001)), message('b')]);
    expect(outcomes.map((outcome) => outcome?.message)).toEqual([undefined, 'publish: MESSAGE_TOO_LARGE', undefined]);
    expect(await texts(topic)).toEqual(['a', 'b']);
  });

  it('compresses where it is told to', async () => {
    const topic = await client.newTopic(1);
    await new KafkaProducer({ ...SETTINGS, codec: await loadCodec(1), cluster }).send(topic, [message('x'.repeat(5000))]);
    const { records } = await client.fetch(topic, 0);
    expect(records.length).toBeLessThan(500);
    expect(await texts(topic)).toEqual(['x'.repeat(5000)]);
  });

  it('says that a topic does not exist, or a partition', async () => {
    const producer = new KafkaProducer({ ...SETTINGS, cluster });
    expect((await producer.send('nowhere', [message('a')]))[0]?.message).toBe('topic nowhere: UNKNOWN_TOPIC_OR_PARTITION');
    const topic = await client.newTopic(2);
    const bad = await producer.send(topic, [message('a', { partitionNumber: '2' }), message('b', { partitionNumber: '-1' })]);
    expect(bad.map((outcome) => outcome?.message)).toEqual(['partition number 2 is out of range, topic has 2 partitions', 'invalid partitionNumber metadata value "-1"']);
  });

  it('tries again while the broker restarts, and loses and swaps nothing', async () => {
    const topic = await client.newTopic(1);
    const producer = new KafkaProducer({ ...SETTINGS, retryMax: 100, cluster });
    const sending = (async () => {
      for (let n = 0; n < 300; n++) expect(await producer.send(topic, [message(String(n))])).toEqual([undefined]);
    })();
    await kafka.restart();
    await sending;
    client.close();
    client = await Client.dial(kafka.bootstrap);
    const seen = (await texts(topic)).map(Number);
    // A request whose answer was lost may have been written: a repeat is allowed, a gap or a step back is not.
    expect([...new Set(seen)]).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});
