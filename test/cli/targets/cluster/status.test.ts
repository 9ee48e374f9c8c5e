import { expect, test } from 'vitest';
import type { Pod } from '../../../../cli/kubernetes/why.ts';
import type { Marks } from '../../../../cli/targets/cluster/marks.ts';
import { healthOf } from '../../../../cli/targets/cluster/status.ts';
import type { Managed, Seen, Workload } from '../../../../cli/targets/cluster/workloads.ts';

const marks: Marks = { platform: 'todo', environment: 'prod', namespace: 'todo', release: 'todo', labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod' } };
const nothing: Seen = { workloads: [], pods: [], events: [], nodes: [], kafkas: [], pools: [], gateways: [], namespaces: ['todo'] };
const workload = (name: string, more: { kind?: Workload['kind']; system?: string; namespace?: string; replicas?: number; status?: Workload['status'] } = {}): Workload => ({
  kind: more.kind ?? 'Deployment',
  metadata: { name, namespace: more.namespace ?? 'todo', generation: 2, labels: more.system === undefined ? {} : { ...marks.labels, 'todoctl.io/system': more.system } },
  spec: { replicas: more.replicas ?? 3, selector: { matchLabels: { app: name } } },
  status: { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 3, ...more.status },
});
const pod = (app: string, name: string, status: Pod['status'], labels: Record<string, string> = {}): Pod => ({ metadata: { name, namespace: 'todo', labels: { app, ...labels } }, ...(status && { status }) });
const READY = { conditions: [{ type: 'Ready', status: 'True' }] };

test('a service counts its replicas, restarts and sidecars apart', () => {
  const status = (daprd: boolean, restarts: number): Pod['status'] => ({
    containerStatuses: [{ name: 'app', ready: true, restartCount: restarts }], initContainerStatuses: [{ name: 'daprd', ready: daprd, restartCount: 7, ...(daprd ? {} : { state: { waiting: { reason: 'CrashLoopBackOff' } } }) }],
    conditions: [{ type: 'Ready', status: daprd ? 'True' : 'False' }],
  });
  const seen = { ...nothing, workloads: [workload('task-api', { system: 'app', status: { readyReplicas: 1 } })], pods: [pod('task-api', 'a', status(true, 1)), pod('task-api', 'b', status(false, 2)), pod('other', 'c', status(true, 9))] };
  const [service, sidecar] = healthOf(seen, marks);
  expect(service).toMatchObject({ name: 'task-api', kind: 'service', state: 'failing', replicas: '1/3', restarts: 3, reason: 'daprd ends again and again, 7 times: how is not known' });
  expect(sidecar).toMatchObject({ name: 'task-api.dapr', kind: 'sidecar', state: 'failing', replicas: '1/2', restarts: 14 });
});

test.each<[string, Workload, object]>([
  ['as wanted', workload('web', { system: 'app' }), { state: 'ready', replicas: '3/3' }],
  ['of the last release', workload('web', { system: 'app', status: { updatedReplicas: 1 } }), { state: 'starting', reason: '2 of 3 are still of the last release' }],
  ['not seen by its controller yet', workload('web', { system: 'app', status: { observedGeneration: 1 } }), { state: 'starting', reason: 'has no pods yet' }],
  ['scaled to nothing', workload('web', { system: 'app', replicas: 0 }), { state: 'stopped', reason: 'scaled to 0' }],
  ['refused by a quota', workload('web', { system: 'app', status: { readyReplicas: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] } }), { state: 'failing', reason: 'exceeded quota' }],
  ['the database', workload('postgres', { kind: 'StatefulSet', system: 'postgres', replicas: 1, status: { readyReplicas: 1, updatedReplicas: 1 } }), { kind: 'database', state: 'ready', replicas: '1/1' }],
  ['an operator', workload('dapr-operator', { namespace: 'dapr-system', replicas: 1, status: { readyReplicas: 1, updatedReplicas: 1 } }), { kind: 'operator', state: 'ready' }],
])('a workload: %s', (_how, one, expected) => {
  expect(healthOf({ ...nothing, workloads: [one] }, marks)).toEqual([expect.objectContaining(expected)]);
});

test('brokers are pods; where there are none yet the operator’s word counts', () => {
  const kafka: Managed = { metadata: { name: 'todo', generation: 1 }, status: { observedGeneration: 1, conditions: [{ type: 'NotReady', status: 'True', message: 'Exceeded timeout of 300000ms' }] } };
  expect(healthOf({ ...nothing, kafkas: [kafka] }, marks)).toEqual([expect.objectContaining({ name: 'todo-kafka', kind: 'broker', state: 'starting', reason: 'Exceeded timeout of 300000ms' })]);
  const broker = (id: number, status: Pod['status']): Pod => pod('', `todo-kafka-${id}`, status, { 'strimzi.io/cluster': 'todo', 'strimzi.io/broker-role': 'true', 'strimzi.io/pool-name': 'kafka' });
  const pending = { conditions: [{ type: 'PodScheduled', status: 'False', message: 'unbound immediate PersistentVolumeClaims' }] };
  expect(healthOf({ ...nothing, kafkas: [kafka], pods: [broker(10, READY), broker(2, pending)] }, marks).map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['todo-kafka-2', 'starting', 'no node takes it: unbound immediate PersistentVolumeClaims'], ['todo-kafka-10', 'ready', undefined],
  ]);
});

test.each<[string, { type: string; status: string; reason?: string; message?: string }[], object]>([
  ['programmed', [{ type: 'Programmed', status: 'True' }], { state: 'ready' }],
  ['taken by nobody', [{ type: 'Accepted', status: 'Unknown', reason: 'Pending' }], { state: 'starting', reason: 'no controller has taken it yet: is there one for its class?' }],
  ['refused', [{ type: 'Accepted', status: 'False', reason: 'Invalid', message: 'port 80 is not mine' }], { state: 'failing', reason: 'refused: port 80 is not mine' }],
])('the gateway: %s', (_how, conditions, expected) => {
  expect(healthOf({ ...nothing, gateways: [{ metadata: { name: 'todo' }, status: { conditions } }] }, marks)).toEqual([expect.objectContaining({ name: 'gateway', kind: 'gateway', ...expected })]);
});

test.each<[string, { type: string; status: string; reason: string; message?: string }[]]>([
  ['refuses the Gateway for it', [{ type: 'Accepted', status: 'False', reason: 'ListenersNotValid', message: 'All Listeners must be valid' }]],
  ['serves the other listener', [{ type: 'Accepted', status: 'True', reason: 'ListenersNotValid' }, { type: 'Programmed', status: 'True', reason: 'Programmed' }]],
])('a certificate that is to come is waited for, whether a controller %s', (_how, conditions) => {
  const listener = (name: string, resolved: object): object => ({ name, conditions: [{ type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', ...resolved }] });
  const seenWith = (refs: object): Seen => ({ ...nothing, gateways: [{ metadata: { name: 'todo' }, status: { conditions, listeners: [listener('http', {}), listener('https', refs)] } }] });
  const lacking = { name: 'gateway', state: 'starting', reason: 'HTTPS has no certificate yet: it is issued once DNS leads to the entrance' };
  expect(healthOf(seenWith({ status: 'False', reason: 'InvalidCertificateRef' }), marks)).toEqual([expect.objectContaining(lacking)]);
  expect(healthOf(seenWith({}), marks)).not.toEqual([expect.objectContaining(lacking)]);
});

test('nodes: away, under pressure, cordoned, well', () => {
  const node = (name: string, conditions: { type: string; status: string; message?: string }[], spec = {}): Seen['nodes'][number] => ({ metadata: { name }, spec, status: { conditions } });
  const ok = { type: 'Ready', status: 'True' };
  const seen = { ...nothing, nodes: [node('a', [{ type: 'Ready', status: 'Unknown', message: 'stopped posting' }]), node('b', [ok, { type: 'DiskPressure', status: 'True', message: 'disk is full' }]), node('c', [ok], { unschedulable: true }), node('d', [ok])] };
  expect(healthOf(seen, marks).map(({ name, state, reason }) => [name, state, reason])).toEqual([['a', 'failing', 'stopped posting'], ['b', 'failing', 'disk is full'], ['c', 'stopped', 'takes no new pods (cordoned)'], ['d', 'ready', undefined]]);
});

test('what others stand on comes first', () => {
  const seen = { ...nothing, workloads: [workload('web', { system: 'app' }), workload('keda', { namespace: 'keda' })], nodes: [{ metadata: { name: 'n' } }] };
  expect(healthOf(seen, marks).map(({ kind }) => kind)).toEqual(['node', 'operator', 'service']);
});
