import { expect, test } from 'vitest';
import type { Kubernetes } from '../../../../../cli/kubernetes/client.ts';
import { troubleOf, type Pod } from '../../../../../cli/kubernetes/why.ts';
import type { Around } from '../../../../../cli/targets/cluster/diagnose/check.ts';
import { RUNBOOKS, runChecks } from '../../../../../cli/targets/cluster/diagnose/diagnose.ts';
import type { Seen } from '../../../../../cli/targets/cluster/workloads.ts';

const labels = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod' };
/** A cluster that has, at these paths, these items or objects; of all else nothing. */
const holding = (there: Record<string, unknown>): Kubernetes =>
  ({ where: 'test', ask: async (path: string) => { const body = there[path.split('?')[0] ?? '']; return body === undefined ? { status: 404, body: {} } : { status: 200, body: Array.isArray(body) ? { items: body } : body }; } }) as unknown as Kubernetes;
const nothing: Seen = { workloads: [], pods: [], events: [], nodes: [], kafkas: [], pools: [], gateways: [], namespaces: ['todo'] };
const around = (seen: Partial<Seen>, there: Record<string, unknown> = {}): Around => {
  const whole = { ...nothing, ...seen };
  return {
    kubernetes: holding(there), seen: whole, marks: { platform: 'todo', environment: 'prod', namespace: 'todo', release: 'todo', labels },
    troubles: whole.pods.flatMap((pod) => troubleOf(pod, whole.events) ?? []), kafka: () => Promise.reject(new Error('no broker answers')),
  };
};
const wrongIn = async (given: Around): Promise<Record<string, string>> =>
  Object.fromEntries((await runChecks(given)).flatMap(({ title, error }) => (error ? [[title, [error.message, ...error.details].join('; ')]] : [])));
const pod = (name: string, status: Pod['status'], annotations = {}): Pod => ({ metadata: { name, namespace: 'todo', annotations } as Pod['metadata'], ...(status && { status }) });
const OK = { conditions: [{ type: 'Ready', status: 'True' }] };

test('pods: each by its cause', async () => {
  const waiting = (reason: string, message: string): Pod['status'] => ({ containerStatuses: [{ name: 'app', ready: false, restartCount: 0, image: 'i', state: { waiting: { reason, message } } }] });
  const found = await wrongIn(around({
    nodes: [{ metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'False', message: 'disk is full' }] } }],
    pods: [pod('a', { conditions: [{ type: 'PodScheduled', status: 'False', message: 'too small' }] }), pod('b', waiting('ErrImagePull', 'unknown')), pod('c', waiting('CreateContainerConfigError', 'no secret')), pod('d', OK)],
  }, { '/api/v1/namespaces/todo/persistentvolumeclaims': [{ metadata: { name: 'data', namespace: 'todo' }, spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } }] }));
  expect(found).toMatchObject({
    'Nodes are ready': 'n1: disk is full', 'Pods have a node': 'a: no node takes it: too small', 'Images can be pulled': 'b: app: i cannot be pulled: unknown',
    'Settings and Secrets are there': 'c: app cannot be made: no secret', 'Disks are bound': 'data: Pending, class fast',
  });
  expect(found).not.toHaveProperty('Programs keep running');
});

test('pods: programs that end, that never get ready, that are refused', async () => {
  const app = (more: object): Pod['status'] => ({ phase: 'Running', containerStatuses: [{ name: 'app', ready: false, restartCount: 3, image: 'i', ...more }] });
  const found = await wrongIn(around({
    pods: [pod('a', app({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, message: 'no database' } } })), pod('b', app({ state: { running: {} } }))],
    workloads: [{ kind: 'Deployment', metadata: { name: 'web', namespace: 'todo' }, spec: {}, status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: todo' }] } }],
  }));
  expect(found).toMatchObject({
    'Programs keep running': 'a: app ends again and again, 3 times: exit code 1, no database', 'Programs become ready': 'b: app runs and is not ready', 'Pods are not refused': 'web: exceeded quota: todo',
  });
});

test('sidecars: one that is not ready, a control plane that is away, an injector that nobody trusts', async () => {
  const daprd = { name: 'daprd', ready: false, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } };
  const found = await wrongIn(around({
    pods: [pod('task-api-1', { phase: 'Running', containerStatuses: [daprd] }, { 'dapr.io/enabled': 'true' })],
    workloads: [{ kind: 'StatefulSet', metadata: { name: 'dapr-placement-server', namespace: 'dapr-system' }, spec: { replicas: 3 }, status: { readyReplicas: 1 } }],
  }, { '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/dapr-sidecar-injector': { webhooks: [{ clientConfig: {} }] } }));
  expect(found).toMatchObject({
    'Sidecars are ready': 'task-api-1: CrashLoopBackOff, 2 restarts', 'Dapr’s control plane runs': 'dapr-placement-server: 1 of 3 are ready',
    'The injector is called for new pods': 'dapr-sidecar-injector has no authority: the API server cannot trust the injector',
  });
});

test('events: a Kafka and a user that are not ready', async () => {
  const user = { metadata: { name: 'audit', generation: 1, labels }, status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'False', reason: 'NoSecret' }] } };
  const kafka = { metadata: { name: 'todo', generation: 2 }, status: { observedGeneration: 2, conditions: [{ type: 'NotReady', status: 'True', message: 'no quorum' }] } };
  const found = await wrongIn(around({ kafkas: [kafka] }, { '/apis/kafka.strimzi.io/v1/namespaces/todo/kafkausers': [user] }));
  expect(found).toMatchObject({ 'Kafka is ready': 'todo: no quorum', 'Users are ready': 'audit: NoSecret' });
});

test('monitoring: Prometheus is away, nothing is scraped, no alert is defined, KEDA does not answer', async () => {
  const prometheus = { kind: 'StatefulSet' as const, metadata: { name: 'prometheus', namespace: 'monitoring' }, spec: { replicas: 1 }, status: { readyReplicas: 0 } };
  const unmarked = { metadata: { name: 'theirs', labels: {} } };
  const found = await wrongIn(around({ workloads: [prometheus] }, {
    '/apis/monitoring.coreos.com/v1/namespaces/todo/prometheusrules': [unmarked], '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io': {},
  }));
  expect(found).toMatchObject({
    'Prometheus and its operator run': 'prometheus: 0 of 1 are ready', 'Services are scraped': 'there is no ServiceMonitor in todo', 'Alerts are defined': 'there is no PrometheusRule of the platform in todo',
    'Autoscalers see consumer lag': 'KEDA does not serve v1beta1.external.metrics.k8s.io: it has not been looked at yet',
  });
});

test('sidecars: one that is missing, no injector, no tokens', async () => {
  const found = await wrongIn(around({ pods: [pod('task-api-1', { ...OK, phase: 'Running', containerStatuses: [{ name: 'app', ready: true, restartCount: 0 }] }, { 'dapr.io/enabled': 'true' })] }));
  expect(found).toMatchObject({
    'The injector is called for new pods': 'there is no MutatingWebhookConfiguration dapr-sidecar-injector', 'Every pod has its sidecar': 'task-api-1 was made without one: delete it, and its next has one',
    'Tokens of the sidecars are there': '2 problems; there is no Secret dapr-api-token with the key token; there is no Secret app-api-token with the key token',
  });
});

test('events: what operators say of topics, and a component that is not there', async () => {
  const topic = (name: string, conditions: object[], observedGeneration = 1): object => ({ metadata: { name, generation: 1, labels }, status: { observedGeneration, conditions } });
  const found = await wrongIn(around({}, {
    '/apis/kafka.strimzi.io/v1/namespaces/todo/kafkatopics': [topic('good', [{ type: 'Ready', status: 'True' }]), topic('bad', [{ type: 'Ready', status: 'False', message: 'partitions cannot be fewer' }]), topic('old', [{ type: 'Ready', status: 'True' }], 0)],
    '/apis/dapr.io/v2alpha1/namespaces/todo/subscriptions': [{ metadata: { name: 's' }, spec: { pubsubname: 'pubsub' } }],
  }));
  expect(found).toMatchObject({
    'Topics are ready': '2 problems; bad: partitions cannot be fewer; old: its operator has not looked at it yet',
    'Every subscription has its component': 's wants the component pubsub, which is not there', 'No event was given up': 'Kafka cannot be asked: no broker answers',
  });
});

test('monitoring: an API that its server does not serve', async () => {
  const found = await wrongIn(around({}, { '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io': { status: { conditions: [{ type: 'Available', status: 'False', message: 'no endpoints' }] } } }));
  expect(found).toMatchObject({ 'Autoscalers see CPU and memory': 'metrics-server does not serve v1beta1.metrics.k8s.io: no endpoints' });
});

test('what the environment does not have is no check', async () => {
  const titles = (await runChecks(around({}))).map(({ title }) => title);
  for (const absent of ['Dapr’s control plane runs', 'Kafka is ready', 'Topics are ready', 'Services are scraped', 'Autoscalers see consumer lag']) expect(titles).not.toContain(absent);
});

test('each finding sends to its runbook', async () => {
  const failed = (await runChecks(around({ nodes: [{ metadata: { name: 'n' } }] }))).find(({ title }) => title === 'Nodes are ready');
  expect(failed?.error).toMatchObject({ code: 'TODOCTL_PODS_NOT_STARTING', next: ['Follow docs/runbooks/pods-not-starting.md.'] });
  expect(RUNBOOKS).toHaveLength(4);
});
