// The stand-in for Strimzi's operators against a real API server, without nodes: what it writes is what the real one would
// (facts of Strimzi 1.2), and its CRDs take it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rootCertificates, createSecureContext } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startStrimzi, type Strimzi, type StrimziOptions } from '../simulators/strimzi/strimzi.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { kafkaObjects, kafkaPlatform } from '../support/kafka.ts';
import { until } from '../support/until.ts';
import { crdsOf } from '../simulators/charts/crds.ts';
import { realPart } from './parts.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  lastTransitionTime: string;
}
interface Custom {
  metadata: { generation: number; finalizers?: string[]; labels: Record<string, string> };
  status?: { observedGeneration?: number; conditions?: Condition[]; [key: string]: unknown };
}

const api = await realPart('kubernetes', startApiServer);
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(['-n', 'todo', ...args], input);
const get = (kind: string, name: string): Custom => JSON.parse(kubectl(['get', kind, name, '-o', 'json'])) as Custom;
const patch = (kind: string, name: string, change: object): void => void kubectl(['patch', kind, name, '--type=merge', '-p', JSON.stringify(change)]);
const secret = (name: string): Record<string, string> | undefined => {
  const { items } = JSON.parse(kubectl(['get', 'secrets', '--field-selector', `metadata.name=${name}`, '-o', 'json'])) as { items: { data: Record<string, string> }[] };
  return items[0] && Object.fromEntries(Object.entries(items[0].data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
};
const isReady = ({ metadata, status }: Custom): boolean => status?.observedGeneration === metadata.generation && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
const ready = (kind: string, name: string): Promise<Custom> => until(`${kind} ${name} is ready`, () => {
  const found = get(kind, name);
  return isReady(found) && found;
});

let strimzi: Strimzi | undefined;
const start = async (mode: StrimziOptions['mode']): Promise<void> => {
  strimzi = await startStrimzi({ kubeconfig: api?.kubeconfig ?? '', mode, log: (line) => console.warn(line) });
};
const stop = async (): Promise<void> => {
  await strimzi?.stop();
  strimzi = undefined;
};

if (api) {
  api.kubectl(['apply', '--server-side', '-f', '-'], crdsOf('strimzi'));
  api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  api.kubectl(['create', 'namespace', 'todo']);
}

const apply = async (kinds?: readonly string[]): Promise<void> => {
  const chosen = kafkaObjects(await kafkaPlatform('kafka: { brokers: 1 }')).filter(({ kind }) => kinds === undefined || kinds.includes(kind));
  kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: chosen }));
};

describe.skipIf(!api)('the stand-in', () => {
  beforeEach(() => apply());
  // Nothing collects garbage here, and without an operator a topic keeps its finalizer.
  afterEach(async () => {
    await stop();
    for (const name of kubectl(['get', 'kafkatopics', '-o', 'name']).split('\n').filter(Boolean)) kubectl(['patch', name, '--type=merge', '-p', '{"metadata":{"finalizers":[]}}']);
    kubectl(['delete', '--all', '--wait=true', 'kafkatopics,kafkausers,kafkas,kafkanodepools,secrets']);
  });

  test('makes all ready, with what clients look for', async () => {
    await start({ is: 'instant' });
    const kafka = await ready('kafka', 'todo');
    expect(kafka.status).toMatchObject({
      kafkaVersion: '4.3.1', kafkaMetadataVersion: '4.3-IV0', operatorLastSuccessfulVersion: '1.2.0', kafkaNodePools: [{ name: 'kafka' }],
      listeners: [{ name: 'tls', bootstrapServers: 'todo-kafka-bootstrap.todo.svc:9093', addresses: [{ host: 'todo-kafka-bootstrap.todo.svc', port: 9093 }] }],
    });
    const pool = get('kafkanodepool', 'kafka');
    expect(pool.status).toMatchObject({ observedGeneration: pool.metadata.generation, nodeIds: [0], replicas: 1, roles: ['controller', 'broker'], clusterId: kafka.status?.['clusterId'] });
    expect(pool.status).not.toHaveProperty('conditions');
    const topic = await ready('kafkatopic', 'task-events');
    expect(topic.metadata.finalizers).toEqual(['strimzi.io/topic-operator']);
    expect(topic.status).toMatchObject({ topicName: 'task-events' });
    const user = await ready('kafkauser', 'task-api');
    expect(user.status).toMatchObject({ username: 'task-api', secret: 'kafka-task-api' });
  });

  test('a user’s Secret holds what clients and Java need, and stays the same', async () => {
    await start({ is: 'instant' });
    await ready('kafkauser', 'task-api');
    const made = secret('kafka-task-api');
    expect(Object.keys(made ?? {}).sort()).toEqual(['password', 'sasl.jaas.config']);
    expect(made?.['sasl.jaas.config']).toBe(`org.apache.kafka.common.security.scram.ScramLoginModule required username="task-api" password="${made?.['password']}";`);
    await stop();
    await start({ is: 'instant' });
    patch('kafkauser', 'task-api', { metadata: { labels: { touched: 'yes' } } });
    await ready('kafkauser', 'task-api');
    expect(secret('kafka-task-api')).toEqual(made);
  });

  test('the authorities are real ones, and each is in its Secret', async () => {
    await start({ is: 'instant' });
    const { status } = await ready('kafka', 'todo');
    for (const kind of ['cluster', 'clients']) {
      const held = secret(`todo-${kind}-ca-cert`) ?? {};
      expect(Object.keys(held).sort()).toEqual(['ca.crt', 'ca.p12', 'ca.password']);
      const certificate = new X509Certificate(held['ca.crt'] ?? '');
      expect([certificate.ca, certificate.subject]).toEqual([true, `O=io.strimzi\nCN=${kind}-ca v0`]);
      expect(() => createSecureContext({ ca: [...rootCertificates, held['ca.crt'] ?? ''] })).not.toThrow();
    }
    expect(status).toMatchObject({ listeners: [{ certificates: [secret('todo-cluster-ca-cert')?.['ca.crt']] }] });
  });

  test('says NotReady=True and never Ready=False while something is not ready', async () => {
    await start({ is: 'never' });
    const { status } = await until('it says so', () => {
      const kafka = get('kafka', 'todo');
      return kafka.status?.observedGeneration !== undefined && kafka;
    });
    expect(status?.conditions).toMatchObject([{ type: 'NotReady', status: 'True', reason: 'TimeoutException' }]);
    // The entity operator comes up after the brokers: until then nobody looks at topics and users.
    expect(get('kafkatopic', 'task-events').status).toBeUndefined();
  });

  test('takes its time where a test wants that, and observes each generation', async () => {
    await start({ is: 'slow', ms: 1500 });
    await until('it is on its way', () => get('kafka', 'todo').status?.conditions?.[0]?.type === 'NotReady');
    const before = await ready('kafkatopic', 'task-events');
    patch('kafkatopic', 'task-events', { spec: { config: { 'retention.ms': 1000 } } });
    const after = await ready('kafkatopic', 'task-events');
    expect(after.metadata.generation).toBe(before.metadata.generation + 1);
    // A condition that stayed keeps its time.
    expect(after.status?.conditions?.[0]?.lastTransitionTime).toBe(before.status?.conditions?.[0]?.lastTransitionTime);
  });

  test('a topic goes only once its operator let go of it; without the cluster nobody does', async () => {
    await start({ is: 'instant' });
    await ready('kafkatopic', 'reminders');
    const gone = (name: string): Promise<unknown> => until(`${name} is gone`, () => kubectl(['get', 'kafkatopic', name, '--ignore-not-found', '-o', 'name']) === '');
    kubectl(['delete', 'kafkatopic', 'reminders', '--wait=false']);
    await gone('reminders');
    await stop();
    kubectl(['delete', 'kafkatopic', 'task-events', '--wait=false']);
    kubectl(['delete', 'kafka', 'todo']);
    await start({ is: 'instant' });
    // It hangs as it does with the real one: the entity operator went with its cluster.
    await until('another topic would have been seen', () => get('kafkatopic', 'task-events').metadata.finalizers?.length === 1);
    await apply(['Kafka']);
    await gone('task-events');
  });

  test('what has no label of a cluster is nobody’s', async () => {
    kubectl(['label', 'kafkatopic', 'reminders', 'strimzi.io/cluster-']);
    await start({ is: 'instant' });
    await ready('kafkatopic', 'task-events');
    expect(get('kafkatopic', 'reminders').status).toBeUndefined();
  });

  test('a topic that is not to be managed is left alone, and may go at once', async () => {
    await start({ is: 'instant' });
    await ready('kafkatopic', 'reminders');
    kubectl(['annotate', 'kafkatopic', 'reminders', 'strimzi.io/managed=false']);
    const topic = await until('it is let go', () => {
      const found = get('kafkatopic', 'reminders');
      return (found.metadata.finalizers ?? []).length === 0 && found.status?.conditions?.[0]?.type === 'Unmanaged' && found;
    });
    expect(topic.status).not.toHaveProperty('topicId');
  });

  test('as a process of its own it ends with whoever holds its stdin', async () => {
    const child = spawn(process.execPath, [path.resolve('test/simulators/strimzi/main.ts'), api?.kubeconfig ?? '', 'instant'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await ready('kafka', 'todo');
    child.stdin.end();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});

afterAll(() => api?.stop());
