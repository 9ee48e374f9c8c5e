// How brokers in a cluster are found, reached and signed in to.
import { describe, expect, onTestFinished, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { clusterKafka, podOf } from '../../../../cli/targets/cluster/kafka.ts';
import type { KafkaUser } from '../../../../cli/targets/target.ts';
import type { KafkaAccess } from '../../../../cli/kafka/access.ts';
import { refusal } from '../../../support/definition.ts';
import type { Kubelet } from '../../kubernetes/forwarding-server.ts';
import { plainIo } from '../../operations/stage.ts';
import { ClusterApi } from './cluster-api.ts';

const BROKER = { 'strimzi.io/cluster': 'todo', 'strimzi.io/kind': 'Kafka', 'strimzi.io/broker-role': 'true' };

/** A cluster as Strimzi leaves it: two brokers, a controller, somebody else's broker, and Secrets. */
function strimzi(): ClusterApi {
  const api = new ClusterApi();
  api.pods = [
    { name: 'todo-kafka-0', labels: BROKER, ready: false },
    { name: 'todo-kafka-1', labels: BROKER },
    { name: 'todo-controller-2', labels: { ...BROKER, 'strimzi.io/broker-role': 'false' } },
    { name: 'other-kafka-0', labels: { ...BROKER, 'strimzi.io/cluster': 'other' } },
  ];
  api.secrets.set('todo/todo-cluster-ca-cert', { 'ca.crt': 'certificate' });
  api.secrets.set('todo/kafka-tail', { password: 'canary-of-tail' });
  api.secrets.set('todo/kafka-lag', { password: 'canary-of-lag' });
  return api;
}

async function accessTo(api: ClusterApi, { kafka, user = 'tail', forward, redactor = new Redactor() }: { kafka?: object; user?: KafkaUser; forward?: (kubelet: Kubelet) => void; redactor?: Redactor } = {}): Promise<KafkaAccess & { kubernetes: Kubernetes }> {
  const kubernetes = await api.open(forward);
  const access = await clusterKafka(
    { peek: { platform: 'todo', settings: kafka ? { kafka } : {} }, given: { environment: 'staging', io: { ...plainIo, redactor } }, kubernetes: async () => kubernetes },
    user,
  );
  onTestFinished(() => access[Symbol.asyncDispose]());
  return Object.assign(access, { kubernetes });
}

describe('brokers of Strimzi', () => {
  test('are found by their labels, ready ones first, and known by the names that they advertise', async () => {
    const { bootstrap, where, tls } = await accessTo(strimzi());
    expect(bootstrap).toEqual([
      { host: 'todo-kafka-1.todo-kafka-brokers.todo.svc', port: 9093 },
      { host: 'todo-kafka-0.todo-kafka-brokers.todo.svc', port: 9093 },
    ]);
    expect(where).toMatch(/^staging \(todo in test/);
    expect(tls).toEqual({ ca: 'certificate' });
  });

  test.each([
    ['todo-kafka-0.todo-kafka-brokers.todo.svc', 'todo-kafka-0'],
    ['todo-kafka-0.todo-kafka-brokers.todo.svc.cluster.local', 'todo-kafka-0'],
    ['todo-kafka-bootstrap.todo.svc', undefined],
    ['todo-kafka-0.todo-kafka-brokers.other.svc', undefined],
    ['todo-kafka-0.other-kafka-brokers.todo.svc', undefined],
    ['10.244.0.7', undefined],
    ['', undefined],
  ])('%s is the pod %s', (host, pod) => {
    expect(podOf({ namespace: 'todo', cluster: 'todo' }, { host, port: 9093 })).toBe(pod);
  });

  test('are reached by a forward to the pod and port that they advertise', async () => {
    const asked = Promise.withResolvers<string>();
    const access = await accessTo(strimzi(), { forward: (kubelet) => asked.resolve(kubelet.begin(9093).path) });
    const stream = await access.connect({ host: 'todo-kafka-0.todo-kafka-brokers.todo.svc', port: 9093 });
    expect(await asked.promise).toBe('/api/v1/namespaces/todo/pods/todo-kafka-0/portforward?ports=9093');
    stream.destroy();
  });

  test('a name that is no pod is a lost connection: what is asked next may know better', async () => {
    const access = await accessTo(strimzi());
    await expect(access.connect({ host: '10.0.0.9', port: 9093 })).rejects.toMatchObject({ name: 'ConnectionLost' });
  });

  test('an API server that goes away later is a lost connection, not the end', async () => {
    const access = await accessTo(strimzi(), { forward: (kubelet) => void kubelet.begin(9093) });
    const { host, port } = access.bootstrap[0] ?? { host: '', port: 0 };
    access.kubernetes.open = () => Promise.reject(new TodoctlError('TODOCTL_CLUSTER_UNREACHABLE', { details: ['ECONNREFUSED'] }));
    await expect(access.connect({ host, port })).rejects.toMatchObject({ name: 'ConnectionLost', message: expect.stringContaining('ECONNREFUSED') as unknown });
    access.kubernetes.open = () => Promise.reject(new TodoctlError('TODOCTL_CLUSTER_UNAUTHORIZED'));
    await expect(access.connect({ host, port })).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_UNAUTHORIZED' });
  });

  test('none: it is not deployed', async () => {
    const api = strimzi();
    api.pods = [];
    expect(await refusal(accessTo(api))).toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
  });
});

describe('signing in', () => {
  test.each(['tail', 'lag'] as const)('as %s, with the password of its Secret, which no output shows', async (user) => {
    const redactor = new Redactor();
    const access = await accessTo(strimzi(), { user, redactor });
    expect(await access.sasl?.()).toEqual({ mechanism: 'SCRAM-SHA-512', username: user, password: `canary-of-${user}` });
    expect(redactor.redact(`it is canary-of-${user}`)).not.toContain('canary');
  });

  test('asks once, and again when a password was refused', async () => {
    const api = strimzi();
    const access = await accessTo(api);
    const first = await access.sasl?.();
    await access.sasl?.();
    const reads = (): number => api.asked.filter((path) => path.endsWith('/kafka-tail')).length;
    expect(reads()).toBe(1);
    api.secrets.set('todo/kafka-tail', { password: 'canary-rotated' });
    expect(await access.sasl?.(first)).toMatchObject({ password: 'canary-rotated' });
    // Another connection was refused the same old password: it is known by now that there is a new one.
    expect(await access.sasl?.(first)).toMatchObject({ password: 'canary-rotated' });
    expect(reads()).toBe(2);
  });

  test('a Secret that is not there, and one without the key', async () => {
    const api = strimzi();
    api.secrets.delete('todo/kafka-tail');
    expect(await refusal(accessTo(api))).toMatchObject({ code: 'TODOCTL_SECRET_MISSING', message: expect.stringContaining('it is not there') as unknown, next: [expect.stringContaining('todoctl status') as unknown] });
    api.secrets.set('todo/kafka-tail', { other: 'x' });
    expect(await refusal(accessTo(api))).toMatchObject({ code: 'TODOCTL_SECRET_MISSING', message: expect.stringContaining('kafka-tail in the namespace todo') as unknown });
  });

  test.each(['secrets', 'pods'])('no right to read %s', async (kind) => {
    const api = strimzi();
    api.forbidden.add(kind);
    expect(await refusal(accessTo(api))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', exit: 4, details: expect.arrayContaining([`${kind} is forbidden`]) as unknown });
  });
});

describe('Kafka of somebody else', () => {
  const SECRET = { brokers: 'b1.example.com:25080,b2.example.com:25080', username: 'todo', password: 'canary-of-all', 'ca.crt': 'their certificate' };
  const withSecret = (): ClusterApi => {
    const api = strimzi();
    api.pods = [];
    api.secrets.set('todo/kafka', SECRET);
    return api;
  };
  const brokers = [{ host: 'b1.example.com', port: 25_080 }, { host: 'b2.example.com', port: 25_080 }];

  test('of DigitalOcean: brokers and authority of the Secret, our own user, no forward', async () => {
    const api = withSecret();
    const access = await accessTo(api, { kafka: { provider: 'digitalocean' } });
    expect([access.bootstrap, access.tls]).toEqual([brokers, { ca: 'their certificate' }]);
    expect(await access.sasl?.()).toEqual({ mechanism: 'SCRAM-SHA-256', username: 'tail', password: 'canary-of-tail' });
    expect(api.asked.some((path) => path.includes('/pods'))).toBe(false);
  });

  test.each([
    [{ bootstrap: 'k:9092' }, { tls: undefined, sasl: undefined, bootstrap: [{ host: 'k', port: 9092 }] }],
    [{ provider: 'external', mechanism: 'scram-sha-512' }, { tls: {}, sasl: { mechanism: 'SCRAM-SHA-512', username: 'todo', password: 'canary-of-all' }, bootstrap: brokers }],
    [{ provider: 'external', mechanism: 'plain', ca: true }, { tls: { ca: 'their certificate' }, sasl: { mechanism: 'PLAIN', username: 'todo', password: 'canary-of-all' }, bootstrap: brokers }],
    [{ provider: 'external', tls: true }, { tls: { ca: 'their certificate' }, sasl: undefined, bootstrap: brokers }],
  ])('%o', async (kafka, expected) => {
    const access = await accessTo(withSecret(), { kafka });
    expect({ tls: access.tls, bootstrap: access.bootstrap, sasl: await access.sasl?.() }).toEqual(expected);
  });

  test('addresses that are none', async () => {
    const api = withSecret();
    api.secrets.set('todo/kafka', { ...SECRET, brokers: 'nonsense' });
    expect(await refusal(accessTo(api, { kafka: { provider: 'external' } }))).toMatchObject({ code: 'TODOCTL_KAFKA_UNREACHABLE', message: expect.stringContaining('nonsense') as unknown });
  });
});
