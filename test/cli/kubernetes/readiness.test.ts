// When an object has become what it is declared as, in the words of who looks after it; and when that is not known yet.
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../cli/kubernetes/object.ts';
import { hasReadiness, readinessOf } from '../../../cli/kubernetes/readiness.ts';

const of = (apiVersion: string, kind: string, parts: { generation?: number; spec?: object; status?: object }): KubernetesObject =>
  ({ apiVersion, kind, metadata: { name: 'x', ...(parts.generation === undefined ? {} : { generation: parts.generation }) }, spec: parts.spec ?? {}, ...(parts.status ? { status: parts.status } : {}) });
const reason = (object: KubernetesObject): string => {
  const found = readinessOf(object);
  return found.is === 'ready' ? 'ready' : found.reason;
};
const kafka = (status?: object): KubernetesObject => of('kafka.strimzi.io/v1', 'Kafka', { generation: 2, ...(status ? { status } : {}) });

describe('an object of an operator', () => {
  test('without a status is not ready: nobody has looked at it', () => {
    expect(reason(kafka())).toBe('nobody has looked at it yet');
  });

  test('whose operator has seen an older generation is not ready, whatever it says', () => {
    expect(reason(kafka({ observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] }))).toBe('the change has not been seen yet');
  });

  test('is ready when its operator says so of this generation; warnings do not count', () => {
    expect(reason(kafka({ observedGeneration: 2, conditions: [{ type: 'Warning', status: 'True', reason: 'Old' }, { type: 'Ready', status: 'True' }] }))).toBe('ready');
  });

  test('that Strimzi calls NotReady is waited for with its reason: it tries again', () => {
    const status = { observedGeneration: 2, conditions: [{ type: 'NotReady', status: 'True', reason: 'TimeoutException', message: 'Exceeded timeout of 300000ms' }] };
    expect(readinessOf(kafka(status))).toEqual({ is: 'not ready', reason: 'TimeoutException: Exceeded timeout of 300000ms' });
  });

  test('of a kind that no operator speaks of is ready once it is there', () => {
    expect(reason(of('kafka.strimzi.io/v1', 'KafkaNodePool', { generation: 3 }))).toBe('ready');
    expect(reason(of('dapr.io/v1alpha1', 'Component', { generation: 1 }))).toBe('ready');
    expect([hasReadiness({ apiVersion: 'v1', kind: 'ConfigMap' }), hasReadiness({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic' })]).toEqual([false, true]);
  });

  test('of the same name in another group is another kind', () => {
    expect(hasReadiness({ apiVersion: 'example.com/v1', kind: 'Kafka' })).toBe(false);
  });
});

describe('a Deployment', () => {
  const deployment = (status: object, replicas = 3): KubernetesObject => of('apps/v1', 'Deployment', { generation: 1, spec: { replicas }, status: { observedGeneration: 1, ...status } });

  test.each([
    [{ replicas: 3, updatedReplicas: 1, availableReplicas: 3 }, '1 of 3 replicas are new'],
    [{ replicas: 4, updatedReplicas: 3, availableReplicas: 3 }, '1 old replica ends'],
    [{ replicas: 3, updatedReplicas: 3, availableReplicas: 2 }, '2 of 3 replicas are ready'],
    [{ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }, 'ready'],
  ])('%j: %s', (status, said) => {
    expect(reason(deployment(status))).toBe(said);
  });

  test('of no replicas is ready when its controller has seen it', () => {
    expect(reason(deployment({}, 0))).toBe('ready');
    expect(reason(of('apps/v1', 'Deployment', { generation: 1, spec: { replicas: 0 } }))).toBe('nobody has looked at it yet');
  });

  test('that makes no progress is not given up: a node may come', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(readinessOf(deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 0, conditions }))).toEqual({ is: 'not ready', reason: '0 of 3 replicas are ready' });
  });
});

describe('a StatefulSet', () => {
  const set = (status: object, spec: object = {}): KubernetesObject => of('apps/v1', 'StatefulSet', { generation: 1, spec: { replicas: 2, ...spec }, status: { observedGeneration: 1, ...status } });

  test('is ready when all are, and all are new', () => {
    expect(reason(set({ readyReplicas: 1 }))).toBe('1 of 2 replicas are ready');
    expect(reason(set({ readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' }))).toBe('1 of 2 replicas are new');
    expect(reason(set({ readyReplicas: 2, updatedReplicas: 2, currentRevision: 'b', updateRevision: 'b' }))).toBe('ready');
  });

  test('whose pods are replaced by hand is not waited for to be new', () => {
    expect(reason(set({ readyReplicas: 2, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'b' }, { updateStrategy: { type: 'OnDelete' } }))).toBe('ready');
  });
});

describe('other kinds', () => {
  test('a DaemonSet runs on every node that it is for', () => {
    const set = (status: object): KubernetesObject => of('apps/v1', 'DaemonSet', { generation: 1, status: { observedGeneration: 1, ...status } });
    expect(reason(set({ desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 3 }))).toBe('2 of 3 nodes have the new one');
    expect(reason(set({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 1 }))).toBe('it runs on 1 of 3 nodes');
    expect(reason(set({ desiredNumberScheduled: 0, updatedNumberScheduled: 0, numberAvailable: 0 }))).toBe('ready');
  });

  test('a Job that failed stays so: waiting does not help', () => {
    expect(readinessOf(of('batch/v1', 'Job', { status: { conditions: [{ type: 'Failed', status: 'True', message: 'BackoffLimitExceeded' }] } }))).toEqual({ is: 'not ready', reason: 'it failed: BackoffLimitExceeded', terminal: true });
    expect(reason(of('batch/v1', 'Job', { status: { succeeded: 0 } }))).toBe('0 of 1 runs are done');
    expect(reason(of('batch/v1', 'Job', { status: { conditions: [{ type: 'Complete', status: 'True' }] } }))).toBe('ready');
  });

  test('a claim waits for nobody, for it is bound by its first pod; one whose volume is lost is lost', () => {
    expect(reason(of('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }))).toBe('ready');
    expect(readinessOf(of('v1', 'PersistentVolumeClaim', { status: { phase: 'Lost' } }))).toMatchObject({ terminal: true });
  });

  test('a kind is there when it is established, and says whose name it would take', () => {
    const crd = (conditions: object[]): KubernetesObject => of('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } });
    expect(reason(crd([]))).toBe('it is not Established yet');
    // As the API server answers in the first moment.
    expect(reason(of('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions: null, storedVersions: null } }))).toBe('it is not Established yet');
    expect(reason(crd([{ type: 'NamesAccepted', status: 'False', message: '"kafkas" is already in use' }]))).toBe('"kafkas" is already in use');
    expect(reason(crd([{ type: 'NamesAccepted', status: 'True' }, { type: 'Established', status: 'True' }]))).toBe('ready');
  });
});
