// MirrorMaker 2 in both directions: what it copies, who it is at either end, and that the source is only read.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { mirror } from '../../../cli/systems/mirror.ts';
import { refusal } from '../../support/definition.ts';
import { kafkaFiles, kafkaObjects, kafkaPlatform, type KafkaUserAcl, rights, rightsOf } from '../../support/kafka.ts';

const mirrored = (more = '', direction = 'from'): Promise<Platform> => kafkaPlatform(`mirror: { ${direction}: east, bootstrap: "a.example.com:9094,b.example.com:9095"${more} }`);
const maker = (platform: Platform): Record<string, unknown> => kafkaObjects(platform, 'KafkaMirrorMaker2')[0]?.spec ?? {};
const elsewhere = (platform: Platform): string[] => {
  const file = kafkaFiles(platform).find(({ path }) => path === 'mirror/user-at-east.yaml');
  return rights((parse(file?.text ?? '') as { spec: { authorization: { acls: KafkaUserAcl[] } } }).spec.authorization.acls);
};

const ours = {
  bootstrapServers: 'todo-kafka-bootstrap:9093',
  tls: { trustedCertificates: [{ secretName: 'todo-cluster-ca-cert', pattern: '*.crt' }] },
  authentication: { type: 'scram-sha-512', username: 'mirror', passwordSecret: { secretName: 'kafka-mirror', password: 'password' } },
};
const theirs = {
  bootstrapServers: 'a.example.com:9094,b.example.com:9095',
  tls: { trustedCertificates: [{ secretName: 'mirror', certificate: 'ca.crt' }] },
  authentication: { type: 'scram-sha-512', username: 'mirror', passwordSecret: { secretName: 'mirror', password: 'password' } },
};
const READING = ['cluster Describe', 'group audit Describe', ...['reminders', 'reminders.dlq', 'task-events', 'task-events.dlq'].map((topic) => `topic ${topic} Describe+DescribeConfigs+Read`)];
const writing = (source: string, prefix = ''): string[] => [
  'cluster Describe',
  'group audit Describe+Read',
  'group todo-mirror Describe+Read',
  ...[
    ...['reminders', 'reminders.dlq', 'task-events', 'task-events.dlq'].map((topic) => `topic ${prefix}${topic} Alter+AlterConfigs+Create+Describe+Write`),
    `topic ${source}.checkpoints.internal Create+Describe+Read+Write`,
    `topic mm2-offset-syncs.${source}.internal Create+Describe+DescribeConfigs+Read+Write`,
    ...['configs', 'offsets', 'status'].map((what) => `topic todo-mirror-${what} Create+Describe+DescribeConfigs+Read+Write`),
  ].sort(),
].sort();

describe('from another Kafka', () => {
  test('the other is the source, ours the target', async () => {
    expect(maker(await mirrored())).toMatchObject({
      target: { alias: 'test', groupId: 'todo-mirror', configStorageTopic: 'todo-mirror-configs', offsetStorageTopic: 'todo-mirror-offsets', statusStorageTopic: 'todo-mirror-status', ...ours },
      mirrors: [{ source: { alias: 'east', ...theirs } }],
    });
  });

  test('our user may write what is mirrored, the other’s only reads', async () => {
    const platform = await mirrored();
    expect(rightsOf(platform)['mirror']).toEqual(writing('east'));
    expect(elsewhere(platform)).toEqual(READING);
  });
});

describe('to another Kafka', () => {
  test('ours is the source, the other the target', async () => {
    expect(maker(await mirrored('', 'to'))).toMatchObject({ target: { alias: 'east', groupId: 'todo-mirror', ...theirs }, mirrors: [{ source: { alias: 'test', ...ours } }] });
  });

  test('our user only reads, the other’s may write what is mirrored', async () => {
    const platform = await mirrored('', 'to');
    expect(rightsOf(platform)['mirror']).toEqual(READING);
    expect(elsewhere(platform)).toEqual(writing('test'));
  });
});

describe('what is mirrored', () => {
  const patterns = (platform: Platform): unknown[] => (maker(platform) as { mirrors: [{ topicsPattern: unknown; groupsPattern?: unknown }] }).mirrors.flatMap(({ topicsPattern, groupsPattern }) => [topicsPattern, groupsPattern]);

  test('every topic with its dead letters, and the groups whose place counts', async () => {
    expect(patterns(await mirrored())).toEqual(['task-events|task-events\\.dlq|reminders|reminders\\.dlq', 'audit']);
  });

  test('or the topics that are named, and nobody may touch the others', async () => {
    const platform = await mirrored(', topics: [reminders]');
    expect(patterns(platform)[0]).toBe('reminders|reminders\\.dlq');
    expect([...(rightsOf(platform)['mirror'] ?? []), ...elsewhere(platform)].filter((right) => right.includes('task-events'))).toEqual([]);
  });

  test('without a group there are no checkpoints', async () => {
    const platform = await kafkaPlatform('mirror: { from: east, bootstrap: "k:9092" }', (text) => text.replace('subscribes: [task-events, reminders]', 'publishes: [reminders]'));
    expect(Object.keys((maker(platform) as { mirrors: [object] }).mirrors[0])).toEqual(['source', 'topicsPattern', 'sourceConnector']);
  });
});

describe('names at the target', () => {
  const policies = (platform: Platform): unknown[] => {
    const [{ sourceConnector, checkpointConnector }] = (maker(platform) as { mirrors: [Record<'sourceConnector' | 'checkpointConnector', { config: Record<string, unknown> }>] }).mirrors;
    return [sourceConnector, checkpointConnector].flatMap(({ config }) => [config['replication.policy.class'], config['offset-syncs.topic.location']]);
  };

  test('stay the same, at both connectors', async () => {
    const policy = 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy';
    expect(policies(await mirrored())).toEqual([policy, 'target', policy, 'target']);
  });

  test('or begin with the source, for clusters that mirror each other; rights follow', async () => {
    const platform = await mirrored(', identity: false');
    const policy = 'org.apache.kafka.connect.mirror.DefaultReplicationPolicy';
    expect(policies(platform)).toEqual([policy, 'target', policy, 'target']);
    expect(rightsOf(platform)['mirror']).toEqual(writing('east', 'east.'));
    expect(elsewhere(platform)).toEqual(READING);
  });
});

describe('how the other signs clients in', () => {
  const source = (platform: Platform): unknown => (maker(platform) as { mirrors: [{ source: unknown }] }).mirrors[0].source;

  test('by another mechanism and user', async () => {
    expect(source(await mirrored(', mechanism: plain, user: reader'))).toMatchObject({ authentication: { type: 'plain', username: 'reader' } });
  });

  test('by a certificate that everyone trusts', async () => {
    expect(source(await mirrored(', ca: false'))).toMatchObject({ tls: { trustedCertificates: [] } });
  });

  test('not at all', async () => {
    expect(source(await mirrored(', mechanism: none, tls: false'))).toEqual({ alias: 'east', bootstrapServers: theirs.bootstrapServers });
  });
});

test('it calls both, and the pod is counted', async () => {
  const parts = mirror.parts(await mirrored(), {});
  expect(parts?.pods).toEqual([{ name: 'todo-mirrormaker2', replicas: 1, cpu: 100, memory: 1024 }]);
  expect(parts?.calls?.[0]).toMatchObject({ from: { labels: { 'strimzi.io/name': 'todo-mirrormaker2' } }, to: ['kafka', 'other-kafka', 'mirrormaker2'] });
  expect(parts?.serves?.find(({ id }) => id === 'other-kafka')).toEqual({ id: 'other-kafka', pods: 'outside', ports: [{ port: 9094 }, { port: 9095 }] });
});

test('the other cluster’s user is a file, not an object of ours', async () => {
  const file = kafkaFiles(await mirrored()).find(({ path }) => path.startsWith('mirror/'));
  expect(file).toMatchObject({ path: 'mirror/user-at-east.yaml', owner: 'file' });
});

test('an environment without a mirror has none', async () => {
  const platform = await kafkaPlatform('kafka: { brokers: 1 }');
  expect(mirror.parts(platform, {})).toBeUndefined();
});

describe('refused', () => {
  test.each([
    ['a direction too many', 'mirror: { from: a, to: b, bootstrap: "k:9092" }', 'to is not a key of environments.test.mirror'],
    ['no address', 'mirror: { from: a }', 'bootstrap is missing in environments.test.mirror'],
    ['an address that is none', 'mirror: { from: a, bootstrap: k }', 'wants host:port'],
    ['a topic that is not declared', 'mirror: { from: a, bootstrap: "k:9092", topics: [x] }', 'the topic x is not declared'],
    ['a Kafka that others run', 'kafka: { provider: external }, mirror: { from: a, bootstrap: "k:9092" }', 'environments.test.mirror runs in a cluster whose Kafka is of provider strimzi only'],
  ])('%s', async (_what, environment, words) => {
    const { message, details } = await refusal(kafkaPlatform(environment));
    expect([message, ...details].join('\n')).toContain(words);
  });
});
