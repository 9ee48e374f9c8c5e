import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODECS } from '../../cli/kafka/compression.ts';
import { type BrokerProcess, ready, runBroker } from '../cli/broker/support/broker-process.ts';
import { Client, codecNamed } from '../contract/kafka/client.ts';

const BUILT = path.resolve(import.meta.dirname, '../../dist/processes/broker.js');

describe('the broker as it is built', () => {
  let folder: string;
  let broker: BrokerProcess;
  let client: Client;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'built-broker-'));
    broker = runBroker(folder, {}, BUILT);
    client = await Client.dial(`127.0.0.1:${await ready(broker)}`);
  });
  afterAll(async () => {
    client.close();
    broker.child.kill('SIGKILL');
    await broker.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  // Looking for a time is the one thing for which it loads a codec, and two of the codecs are WASM.
  it.each(CODECS)('finds its codec: %s', async (name) => {
    const topic = await client.newTopic();
    const codec = await codecNamed(name);
    await client.produce(topic, [1000, 2000].map((timestamp) => ({ timestamp, value: Buffer.from('x'.repeat(100)) })), { codec });
    expect(await client.offsetAt(topic, 1500)).toMatchObject({ error: 0, offset: 1, timestamp: 2000 });
  });

  it('says nothing but that it is ready', () => {
    expect([broker.lines.map(({ msg }) => msg), broker.stderr()]).toEqual([['ready'], '']);
  });
});
