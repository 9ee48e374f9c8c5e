// Kafka Connect: workers, connectors and the one user that all of them are.
import { describe, expect, test } from 'vitest';
import { connectors } from '../../../cli/systems/connectors.ts';
import { refusal } from '../../support/definition.ts';
import { kafkaFiles, kafkaObjects, kafkaPlatform, rightsOf } from '../../support/kafka.ts';

const SINK = 'archive: { class: S3Sink, tasks: 4, reads: [task-events, reminders], plugin: ghcr.io/x/s3:1, calls: [internet], config: { batch: 100, gzip: true, aws.secret.access.key: { secret: s3, key: key } } }';
const SOURCE = 'ledger: { class: JdbcSource, writes: [reminders], plugin: ghcr.io/x/jdbc:2, calls: [postgres], config: { topic: reminders, connection.password: { secret: s3, key: key } } }';
const both = (brokers = 1): ReturnType<typeof kafkaPlatform> => kafkaPlatform(`kafka: { brokers: ${brokers} }, connectors: { ${SINK}, ${SOURCE} }`);

describe('an environment with connectors', () => {
  test('has each as an object, of one group of workers', async () => {
    const objects = kafkaObjects(await both(), 'KafkaConnector');
    expect(objects.map(({ metadata: { name, labels }, spec }) => [name, labels?.['strimzi.io/cluster'], spec])).toEqual([
      [
        'archive',
        'todo',
        {
          class: 'S3Sink',
          tasksMax: 4,
          state: 'running',
          autoRestart: { enabled: true },
          config: { topics: 'task-events,reminders', batch: 100, gzip: true, 'aws.secret.access.key': '${env:CONNECTOR_s3_2f_key}' },
        },
      ],
      ['ledger', 'todo', { class: 'JdbcSource', tasksMax: 1, state: 'running', autoRestart: { enabled: true }, config: { topic: 'reminders', 'connection.password': '${env:CONNECTOR_s3_2f_key}' } }],
    ]);
  });

  test('has workers that sign in as their own user and keep what they know in topics of their own', async () => {
    const [workers] = kafkaObjects(await both(), 'KafkaConnect');
    expect(workers?.metadata).toMatchObject({ name: 'todo', annotations: { 'strimzi.io/use-connector-resources': 'true' } });
    expect(workers?.spec).toMatchObject({
      replicas: 1,
      bootstrapServers: 'todo-kafka-bootstrap:9093',
      groupId: 'todo-connect',
      configStorageTopic: 'todo-connect-configs',
      offsetStorageTopic: 'todo-connect-offsets',
      statusStorageTopic: 'todo-connect-status',
      tls: { trustedCertificates: [{ secretName: 'todo-cluster-ca-cert', pattern: '*.crt' }] },
      authentication: { type: 'scram-sha-512', username: 'connect', passwordSecret: { secretName: 'kafka-connect', password: 'password' } },
      config: { 'topic.creation.enable': false, 'config.providers': 'env' },
      plugins: [
        { name: 'archive-plugin', artifacts: [{ type: 'image', reference: 'ghcr.io/x/s3:1' }] },
        { name: 'ledger-plugin', artifacts: [{ type: 'image', reference: 'ghcr.io/x/jdbc:2' }] },
      ],
    });
  });

  test('hands each key of a Secret to the workers once, and its value to no file', async () => {
    const [workers] = kafkaObjects(await both(), 'KafkaConnect');
    expect(workers?.spec).toMatchObject({ template: { connectContainer: { env: [{ name: 'CONNECTOR_s3_2f_key', valueFrom: { secretKeyRef: { name: 's3', key: 'key' } } }] } } });
    const allowed = new RegExp(`^${String((workers?.spec['config'] as Record<string, unknown>)['config.providers.env.param.allowlist.pattern'])}$`);
    expect('CONNECTOR_s3_2f_key').toMatch(allowed);
    expect('KAFKA_CONNECT_SASL_PASSWORD').not.toMatch(allowed);
  });

  test('names of Secrets that are alike stay apart', async () => {
    const platform = await kafkaPlatform('connectors: { c: { class: C, config: { a.password: { secret: a-b, key: c }, b.password: { secret: a.b, key: c }, c.password: { secret: a, key: b_c } } } }');
    const { env } = (kafkaObjects(platform, 'KafkaConnect')[0]?.spec['template'] as { connectContainer: { env: { name: string }[] } }).connectContainer;
    expect(env.map(({ name }) => name)).toEqual(['CONNECTOR_a_2d_b_2f_c', 'CONNECTOR_a_2e_b_2f_c', 'CONNECTOR_a_2f_b_5f_c']);
  });

  test('gives their user what they read and write, and what workers need, and nothing more', async () => {
    expect(rightsOf(await both())['connect']).toEqual([
      'group connect-archive Describe+Read',
      'group todo-connect Describe+Read',
      'topic reminders Describe+Read+Write',
      'topic task-events Describe+Read',
      'topic todo-connect-configs Create+Describe+DescribeConfigs+Read+Write',
      'topic todo-connect-offsets Create+Describe+DescribeConfigs+Read+Write',
      'topic todo-connect-status Create+Describe+DescribeConfigs+Read+Write',
    ]);
  });

  test('a topic that a connector names no more is a right that is gone', async () => {
    const platform = await kafkaPlatform(`connectors: { ${SINK.replace('task-events, ', '')} }`);
    expect(rightsOf(platform)['connect']?.filter((right) => right.includes('task-events'))).toEqual([]);
  });

  test('says what its workers call, and counts them', async () => {
    const parts = connectors.parts(await both(3), {});
    expect(parts?.pods).toEqual([{ name: 'todo-connect', replicas: 2, cpu: 100, memory: 1024 }]);
    expect(parts?.calls).toMatchObject([
      { from: { labels: { 'strimzi.io/name': 'todo-connect' } }, to: ['kafka', 'connect', 'internet', 'postgres'] },
      { from: { namespace: 'strimzi-system' }, to: ['connect'] },
    ]);
    expect(parts?.serves).toMatchObject([{ id: 'connect', ports: [{ port: 8083 }] }, { id: 'metrics', ports: [{ port: 9404 }] }, { id: 'internet', pods: 'outside', ports: [{ port: 443 }] }]);
  });

  test('a sink that says itself what it reads is left alone', async () => {
    for (const key of ['topics', 'topics.regex']) {
      const [sink] = kafkaObjects(await kafkaPlatform(`connectors: { s: { class: S, reads: [task-events], config: { ${key}: task-events } } }`), 'KafkaConnector');
      expect(sink?.spec['config']).toEqual({ [key]: 'task-events' });
    }
  });
});

test('without connectors there are no workers and no user', async () => {
  const platform = await kafkaPlatform('kafka: { brokers: 1 }');
  expect(kafkaFiles(platform).filter(({ system }) => system === 'connectors')).toEqual([]);
  expect(Object.keys(rightsOf(platform))).not.toContain('connect');
});

describe('refused', () => {
  const refused = async (environment: string): Promise<string> => {
    const { message, code, details } = await refusal(kafkaPlatform(environment));
    return [code, message, ...details].join('\n');
  };

  test.each(['connection.password: CANARY', 'aws.secret.access.key: CANARY', 'sasl.jaas.config: CANARY', 'api-key: CANARY', 'url: "jdbc:postgresql://user:CANARY@host/db"', 'options: "ssl=true;password=CANARY"'])('a secret in the file: %s', async (entry) => {
    const text = await refused(`connectors: { c: { class: C, config: { ${entry} } } }`);
    expect(text).toMatch(/^TODOCTL_SECRET_LITERAL\n.*holds a secret itself; write \{ secret: NAME, key: KEY \}/);
    expect(text).not.toContain('CANARY');
  });

  test.each(['key.converter: JsonConverter', 'consumer.override.sasl.oauthbearer.token.endpoint.url: "https://id.example.com/token"', 'tokens.max: 3'])('but not what only looks like one: %s', async (entry) => {
    await expect(kafkaPlatform(`connectors: { c: { class: C, config: { ${entry} } } }`)).resolves.toBeDefined();
  });

  test('a topic that is not declared, with its place', async () => {
    expect(await refused('connectors: { c: { class: C, reads: [task-event] } }')).toMatch(/TODOCTL_TOPIC_UNDECLARED\nthe topic task-event is not declared; did you mean task-events\?\ntodoctl\.yaml:11:\d+/);
  });

  test.each(['provider: digitalocean', 'bootstrap: "k:9092"'])('with a Kafka that others run: %s', async (kafka) => {
    expect(await refused(`kafka: { ${kafka} }, connectors: { c: { class: C } }`)).toContain('environments.test.connectors runs in a cluster whose Kafka is of provider strimzi only');
  });

  test('a name that Kubernetes would not take', async () => {
    expect(await refused('connectors: { Not_This: { class: C } }')).toContain('TODOCTL_DEFINITION_BAD_NAME');
  });
});
