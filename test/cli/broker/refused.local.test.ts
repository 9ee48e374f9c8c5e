import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spoken } from '../../../cli/broker/dispatch.ts';
import { incrementalAlterConfigs } from '../../../cli/kafka/apis/topics.ts';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { errorName } from '../../../cli/kafka/error-codes.ts';
import { encodeBatch } from '../../../cli/kafka/record-batch.ts';
import { initProducerId } from '../../contract/kafka/apis.ts';
import { Client, values } from '../../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../../contract/kafka/embedded.ts';

// What docs/local.md lists as not done, and how a client is told.
describe('what the embedded broker does not do, it refuses in the words of the protocol', () => {
  let broker: EmbeddedKafka;
  let client: Client;
  beforeAll(async () => {
    broker = await startEmbedded();
    client = await Client.dial(broker.bootstrap);
  });
  afterAll(async () => {
    client.close();
    await broker.stop();
  });

  const highest = (key: number): number | undefined => spoken().find((api) => api.key === key)?.max;

  it('transactions', async () => {
    expect(errorName((await client.connection.call(initProducerId, { transactionalId: 'tx' })).error)).toBe('UNSUPPORTED_VERSION');
    const topic = await client.newTopic();
    const control = encodeBatch([{ key: null, value: null, timestamp: 0 }], { control: true });
    expect(errorName((await client.send(topic, control)).error)).toBe('INVALID_TXN_STATE');
    // AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit
    expect([24, 25, 26, 28].map(highest)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('static membership: JoinGroup 5, SyncGroup 3, Heartbeat 3, LeaveGroup 3 and OffsetCommit 7 bring it', () => {
    expect([ApiKey.joinGroup, ApiKey.syncGroup, ApiKey.heartbeat, ApiKey.leaveGroup, ApiKey.offsetCommit].map(highest)).toEqual([4, 2, 2, 2, 6]);
  });

  it('authentication, authorisation, the new group protocol and share groups', () => {
    // SaslHandshake, SaslAuthenticate, DescribeAcls, CreateAcls, ConsumerGroupHeartbeat, ShareGroupHeartbeat, ShareFetch
    expect([17, 36, 29, 30, 68, 76, 78].map(highest)).toEqual(Array.from({ length: 7 }, () => undefined));
  });

  it('compaction', async () => {
    const topic = await client.newTopic();
    const [altered] = await client.connection.call(incrementalAlterConfigs, { topic, config: { 'cleanup.policy': 'compact' } });
    expect([errorName(altered?.error ?? 0), altered?.message]).toEqual(['INVALID_CONFIG', 'cleanup.policy=compact: this broker removes old segments ("delete") and does not compact']);
  });

  it('settings that it would have to ignore', async () => {
    const topic = await client.newTopic();
    const [altered] = await client.connection.call(incrementalAlterConfigs, { topic, config: { 'message.timestamp.type': 'LogAppendTime' } });
    expect(errorName(altered?.error ?? 0)).toBe('INVALID_CONFIG');
    await client.produce(topic, values('still there'));
  });
});
