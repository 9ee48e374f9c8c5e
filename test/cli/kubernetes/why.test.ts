import { expect, test } from 'vitest';
import { type ClusterEvent, type ContainerStatus, type Pod, troubleOf, whyPods } from '../../../cli/kubernetes/why.ts';

const pod = (status: Pod['status'] = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({ metadata: { name: 'task-api-1', uid: 'u1', ...metadata }, status });
const container = (more: Partial<ContainerStatus>): ContainerStatus => ({ name: 'app', ready: false, restartCount: 0, image: 'r/todo:1', ...more });
const waiting = (reason: string, message?: string): Partial<ContainerStatus> => ({ state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } });
const event = (reason: string, message: string, count = 1): ClusterEvent => ({ involvedObject: { kind: 'Pod', name: 'task-api-1', uid: 'u1' }, reason, message, count });
const SCHEDULED = { type: 'PodScheduled', status: 'True' };

test('a pod that is ready, or has done its work, has no trouble', () => {
  expect(troubleOf(pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }))).toBeUndefined();
  expect(troubleOf(pod({ phase: 'Succeeded' }))).toBeUndefined();
});

test.each<[string, Pod, ClusterEvent[], { kind: string; terminal: boolean; reason: string }]>([
  ['no room', pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient cpu.' }] }), [], { kind: 'unschedulable', terminal: false, reason: 'no node takes it: 0/3 nodes are available: 3 Insufficient cpu.' }],
  ['an image, the first time', pod({ conditions: [SCHEDULED], containerStatuses: [container(waiting('ErrImagePull', 'not found'))] }), [event('Failed', 'manifest unknown')], { kind: 'image', terminal: false, reason: 'app: r/todo:1 cannot be pulled: manifest unknown' }],
  ['an image, time and again', pod({ conditions: [SCHEDULED], containerStatuses: [container(waiting('ImagePullBackOff'))] }), [event('Failed', '401 Unauthorized', 3)], { kind: 'image', terminal: true, reason: 'app: r/todo:1 cannot be pulled: 401 Unauthorized' }],
  ['a Secret', pod({ conditions: [SCHEDULED], containerStatuses: [container(waiting('CreateContainerConfigError', 'secret "postgres" not found'))] }), [], { kind: 'config', terminal: false, reason: 'app cannot be made: secret "postgres" not found' }],
  ['a crash', pod({ containerStatuses: [container({ ...waiting('CrashLoopBackOff'), restartCount: 4, lastState: { terminated: { exitCode: 1, message: 'no database' } } })] }), [], { kind: 'crash', terminal: true, reason: 'app ends again and again, 4 times: exit code 1, no database' }],
  ['a first crash is no verdict', pod({ containerStatuses: [container({ ...waiting('CrashLoopBackOff'), restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })] }), [], { kind: 'crash', terminal: false, reason: 'app ends again and again, 1 times: it took more memory than its limit (OOMKilled)' }],
  ['a native sidecar', pod({ initContainerStatuses: [container({ name: 'daprd', ...waiting('CrashLoopBackOff'), restartCount: 3 })], containerStatuses: [container(waiting('PodInitializing'))] }), [], { kind: 'crash', terminal: true, reason: 'daprd ends again and again, 3 times: how is not known' }],
  ['a volume', pod({ conditions: [SCHEDULED] }), [event('FailedMount', 'configmap "x" not found')], { kind: 'mount', terminal: false, reason: 'configmap "x" not found' }],
  ['a probe', pod({ containerStatuses: [container({ state: { running: {} } })] }), [event('Unhealthy', 'Readiness probe failed: 503')], { kind: 'unready', terminal: false, reason: 'app runs and is not ready: Readiness probe failed: 503' }],
  ['its beginning', pod({ conditions: [SCHEDULED] }), [], { kind: 'starting', terminal: false, reason: 'is being started' }],
  ['its end', pod({}, { deletionTimestamp: 'now', finalizers: ['a/b'] }), [], { kind: 'ending', terminal: false, reason: 'is ending, held by the finalizer a/b' }],
  ['an eviction', pod({ phase: 'Failed', message: 'The node was low on memory.' }), [], { kind: 'failed', terminal: true, reason: 'failed: The node was low on memory.' }],
])('the cause is %s', (_what, given, events, expected) => {
  expect(troubleOf(given, events)).toEqual({ pod: 'task-api-1', ...expected });
});

test('events of another pod with the same name do not count', () => {
  const other = { ...event('FailedMount', 'of the last one'), involvedObject: { kind: 'Pod', name: 'task-api-1', uid: 'u0' } };
  expect(troubleOf(pod({ conditions: [SCHEDULED] }), [other])?.reason).toBe('is being started');
});

test('of many pods each reason is told once, what lasts first', () => {
  const crash = (name: string): Pod => pod({ containerStatuses: [container({ ...waiting('CrashLoopBackOff'), restartCount: 5 })] }, { name });
  expect(whyPods([pod({ conditions: [SCHEDULED] }, { name: 'c' }), crash('a'), crash('b')])).toEqual({ terminal: true, reason: '2 pods: app ends again and again, 5 times: how is not known; is being started' });
  expect(whyPods([])).toBeUndefined();
});

test('a message of a whole page is cut', () => {
  expect(troubleOf(pod({ phase: 'Failed', message: 'x\n'.repeat(1000) }))?.reason.length).toBeLessThan(310);
});
