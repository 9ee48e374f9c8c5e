import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, texts, values } from '../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../contract/kafka/embedded.ts';
import { getApacheKafka } from '../tools/kafka/get.ts';
import { realPart } from './parts.ts';

const part = await realPart('kafka', getApacheKafka);

// The Java clients are what most of the world talks to Kafka with; the tools of Apache Kafka are the shortest way to them.
describe.skipIf(!part)("Apache Kafka's own tools against the embedded broker", () => {
  let broker: EmbeddedKafka;
  let client: Client;

  /** Runs a tool; what it prints on stdout. `input` is its standard input. */
  const tool = async (main: string, args: string[], input = ''): Promise<string> => {
    const running = promisify(execFile)('java', ['-cp', `${part?.lib}/*`, main, '--bootstrap-server', broker.bootstrap, ...args], { timeout: 60_000 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  };

  beforeAll(async () => {
    broker = await startEmbedded();
    client = await Client.dial(broker.bootstrap);
  });
  afterAll(async () => {
    client.close();
    await broker.stop();
  });

  it('the console producer writes, idempotently as it does by default', async () => {
    const topic = await client.newTopic();
    await tool('org.apache.kafka.tools.ConsoleProducer', ['--topic', topic], 'one\ntwo\nthree\n');
    expect(texts(await client.read(topic))).toEqual(['one', 'two', 'three']);
  });

  it('the console consumer reads in a group and commits', async () => {
    const topic = await client.newTopic(2);
    await client.produce(topic, values('a', 'b'), { partition: 0 });
    await client.produce(topic, values('c'), { partition: 1 });
    const printed = await tool('org.apache.kafka.tools.consumer.ConsoleConsumer', ['--topic', topic, '--group', 'console', '--from-beginning', '--max-messages', '3']);
    expect(printed.trim().split('\n').sort()).toEqual(['a', 'b', 'c']);
    const described = await tool('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', ['--describe', '--group', 'console']);
    const lags = described.split('\n').map((line) => line.split(/\s+/)).filter(([group]) => group === 'console').map((columns) => columns[5]);
    expect(lags).toEqual(['0', '0']);
  });

  it('the topics tool makes, describes, alters and deletes', async () => {
    const topics = (...args: string[]): Promise<string> => tool('org.apache.kafka.tools.TopicCommand', args);
    await topics('--create', '--topic', 'made-by-java', '--partitions', '2', '--config', 'retention.ms=60000');
    await topics('--alter', '--topic', 'made-by-java', '--partitions', '3');
    expect(await topics('--describe', '--topic', 'made-by-java')).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: retention.ms=60000/);
    await topics('--delete', '--topic', 'made-by-java');
    expect((await topics('--list')).split('\n')).not.toContain('made-by-java');
  });
});
