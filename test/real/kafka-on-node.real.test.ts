// Kafka and PostgreSQL of an environment on a real node: the stand-in for Strimzi's operators with a real Apache Kafka in its pods, and our
// own StatefulSet with a real PostgreSQL, used from other pods as services use them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressInCluster, postgres } from '../../cli/systems/postgres.ts';
import { crdsOf } from '../simulators/charts/crds.ts';
import { startStrimzi, type Strimzi } from '../simulators/strimzi/strimzi.ts';
import { kafkaObjects, kafkaPlatform } from '../support/kafka.ts';
import { KAFKA_IMAGE, kafkaImage } from '../support/node/kafka-image.ts';
import { startNode } from '../support/node/node.ts';
import { postgresImage } from '../support/node/postgres-image.ts';
import { objectsIn, platformIn, renderedOf } from '../support/rendered.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const node = await realPart('node', startNode);
const images = node && (await realPart('kafka', () => kafkaImage()));
const database = node && postgresImage();
const all = node && images && database && !('skipped' in database) ? node : undefined;

let strimzi: Strimzi | undefined;
afterAll(async () => {
  await strimzi?.stop();
  await node?.[Symbol.asyncDispose]();
});

const IN_TIME_MS = 180_000;

describe.skipIf(!all)('on a real node', () => {
  const { kubectl: plain, apply, importImage, kubeconfig } = all as NonNullable<typeof all>;
  const kubectl = (...args: string[]): Promise<string> => plain(['-n', 'todo', ...args]);
  const inPod = (pod: string, ...command: string[]): Promise<string> => kubectl('exec', pod, '--', ...command);
  const secret = async (name: string, key: string): Promise<string> => Buffer.from(await kubectl('get', 'secret', name, '-o', `jsonpath={.data.${key.replaceAll('.', '\\.')}}`), 'base64').toString();

  beforeAll(async () => {
    await Promise.all([importImage(images as NonNullable<typeof images>), importImage(database as Extract<typeof database, { names: unknown }>)]);
    await plain(['apply', '--server-side', '-f', '-'], crdsOf('strimzi'));
    await plain(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'todo', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }]);
    strimzi = await startStrimzi({ kubeconfig, mode: { is: 'pods', image: KAFKA_IMAGE }, log: (line) => console.warn(line) });
  }, IN_TIME_MS);

  /** Java's own console tools, as a user of Kafka with that user's password, in a pod of the namespace. */
  const CLIENT = {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client', namespace: 'todo' },
    spec: {
      terminationGracePeriodSeconds: 0, securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'client', image: KAFKA_IMAGE, command: ['sleep', 'infinity'], securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    },
  };

  const tool = async (user: string, script: string, name = user, password?: string): Promise<string> => {
    const [ca, own] = await Promise.all([secret('todo-cluster-ca-cert', 'ca.crt'), password ?? secret(`kafka-${user}`, 'password')]);
    const config = [
      'security.protocol=SASL_SSL', 'sasl.mechanism=SCRAM-SHA-512', 'ssl.truststore.type=PEM', `ssl.truststore.certificates=${ca.trim().replaceAll('\n', '\\n')}`,
      `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${name}" password="${own}";`,
    ].join('\n');
    return inPod('client', 'sh', '-ec', `cat > /tmp/${name}.properties <<'END'\n${config}\nEND\n${script.replaceAll('CONFIG', `/tmp/${name}.properties`)}`);
  };
  /** The port among brokers, where nobody signs in. */
  const INSIDE = 'todo-kafka-0.todo-kafka-brokers:9091';
  const PRODUCE = "echo one-event | java -cp '/opt/kafka/libs/*' org.apache.kafka.tools.ConsoleProducer --bootstrap-server todo-kafka-bootstrap:9093 --topic task-events --command-config CONFIG 2>&1";
  /** Unlike the console's producer it says what it was refused. */
  const LOAD = "java -cp '/opt/kafka/libs/*' org.apache.kafka.tools.ProducerPerformance --bootstrap-server todo-kafka-bootstrap:9093 --topic task-events --num-records 1 --record-size 10 --throughput -1 --command-config CONFIG 2>&1 || true";
  const CONSUME = "java -cp '/opt/kafka/libs/*' org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server todo-kafka-bootstrap:9093 --topic task-events --group audit --from-beginning --max-messages 1 --timeout-ms 60000 --command-config CONFIG 2>&1";

  test('brokers, topics and users get ready', async () => {
    await apply([CLIENT, ...kafkaObjects(await kafkaPlatform('kafka: { brokers: 1, storage: 1GiB }'))]);
    for (const what of ['kafka/todo', 'kafkatopic/task-events', 'kafkatopic/reminders', 'kafkauser/task-api', 'kafkauser/audit', 'pod/client']) {
      await kubectl('wait', '--for=condition=Ready', what, '--timeout=150s');
    }
    const [pod] = (JSON.parse(await kubectl('get', 'pods', '-l', 'strimzi.io/broker-role=true', '-o', 'json')) as { items: { metadata: { name: string }; status: { containerStatuses: { containerID: string }[] } }[] }).items;
    expect(pod?.metadata.name).toBe('todo-kafka-0');
    expect(pod?.status.containerStatuses[0]?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  }, IN_TIME_MS);

  test('a pod writes and another user reads, over TLS with the cluster’s authority and SCRAM', async () => {
    expect(await tool('task-api', PRODUCE)).not.toMatch(/ERROR|Exception/);
    expect(await tool('audit', CONSUME)).toContain('one-event');
  }, IN_TIME_MS);

  test('who has no right writes nothing, and who has a wrong password does not come in', async () => {
    expect(await tool('audit', LOAD)).toContain('TopicAuthorizationException');
    expect(await tool('task-api', LOAD, 'task-api', 'wrong')).toContain('SaslAuthenticationException');
  }, IN_TIME_MS);

  test('a topic grows and cannot shrink', async () => {
    const condition = (type: string): Promise<unknown> => until(`task-events is ${type}`, async () => (JSON.parse(await kubectl('get', 'kafkatopic', 'task-events', '-o', 'json')) as { metadata: { generation: number }; status: { observedGeneration: number; conditions: { type: string }[] } })).then(() => kubectl('wait', `--for=condition=${type}`, 'kafkatopic/task-events', '--timeout=30s'));
    await kubectl('patch', 'kafkatopic', 'task-events', '--type=merge', '-p', '{"spec":{"partitions":1}}');
    await condition('NotReady');
    await kubectl('patch', 'kafkatopic', 'task-events', '--type=merge', '-p', '{"spec":{"partitions":5}}');
    await condition('Ready');
    expect(await inPod('client', 'sh', '-c', `java -cp '/opt/kafka/libs/*' org.apache.kafka.tools.TopicCommand --bootstrap-server ${INSIDE} --describe --topic task-events`)).toContain('PartitionCount: 5');
  }, IN_TIME_MS);

  test('a broker that is killed comes back with what it had', async () => {
    const uid = await kubectl('get', 'pod', 'todo-kafka-0', '-o', 'jsonpath={.metadata.uid}');
    await kubectl('delete', 'pod', 'todo-kafka-0', '--grace-period=1');
    await until('it is another pod', async () => (await kubectl('get', 'pod', 'todo-kafka-0', '--ignore-not-found', '-o', 'jsonpath={.metadata.uid}').then((found) => found !== '' && found !== uid)), 60_000);
    await kubectl('wait', '--for=condition=Ready', 'pod/todo-kafka-0', '--timeout=120s');
    const offsets = await inPod('client', 'sh', '-c', `java -cp '/opt/kafka/libs/*' org.apache.kafka.tools.GetOffsetShell --bootstrap-server ${INSIDE} --topic task-events 2>/dev/null`);
    expect(offsets.trim().split('\n').map((line) => Number(line.split(':').at(-1))).reduce((sum, offset) => sum + offset, 0)).toBe(1);
  }, IN_TIME_MS);

  test('PostgreSQL is ready, and a pod comes in with the address of its Secret', async () => {
    const platform = await platformIn('prod', 'platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: existing, context: c, postgres: { storage: 1GiB } } }\n');
    const uri = addressInCluster(platform, 'p@ss/word');
    await apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgres', namespace: 'todo' }, stringData: { password: 'p@ss/word', uri, 'direct-uri': uri } }]);
    const own = objectsIn(renderedOf(platform).filter(({ system }) => system === 'postgres'));
    expect(own).toHaveLength((postgres.parts(platform, {})?.artefacts ?? []).length);
    await apply(own);
    await kubectl('rollout', 'status', 'statefulset/postgres', '--timeout=120s');
    const ask = (query: string): Promise<string> => inPod('postgres-0', 'psql', uri, '-At', '-c', query);
    expect((await ask('CREATE TABLE kept AS SELECT 42 AS value; SELECT current_user')).trim().split('\n').at(-1)).toBe('todo_user');
    const began = performance.now();
    await kubectl('delete', 'pod', 'postgres-0');
    // Not the two minutes that waiting for connections would take.
    expect(performance.now() - began).toBeLessThan(40_000);
    await kubectl('rollout', 'status', 'statefulset/postgres', '--timeout=120s');
    expect((await ask('SELECT value FROM kept')).trim()).toBe('42');
  }, IN_TIME_MS);

  test('what a cluster leaves behind is what it is meant to leave', async () => {
    await kubectl('delete', 'kafkatopics,kafkausers', '--all', '--timeout=60s');
    await kubectl('delete', 'kafka/todo', 'kafkanodepool/kafka', '--timeout=60s');
    await until('its pods and Secrets are collected', async () => (await kubectl('get', 'pods,secrets,services', '-l', 'strimzi.io/cluster=todo', '-o', 'name')).trim() === '', 60_000);
    expect((await kubectl('get', 'pvc', '-o', 'name')).trim().split('\n')).toContain('persistentvolumeclaim/data-postgres-0');
  }, IN_TIME_MS);
});
