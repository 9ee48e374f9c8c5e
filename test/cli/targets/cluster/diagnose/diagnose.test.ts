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
