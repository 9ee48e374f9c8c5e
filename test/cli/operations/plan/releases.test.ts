import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import type { KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import { objectsOf } from '../../../../cli/operations/plan/desired.ts';
import { pruneReason } from '../../../../cli/operations/plan/reasons.ts';
import { decodeRelease, releaseChange } from '../../../../cli/operations/plan/releases.ts';

const wanted = { release: 'strimzi', namespace: 'strimzi-system', chart: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator', version: '1.2.0', system: 'kafka', values: { replicas: 1, logLevel: 'INFO' } };
const installed = (version: string, config?: Record<string, unknown>) => ({ chart: { metadata: { name: 'strimzi-kafka-operator', version } }, ...(config ? { config } : {}) });

describe('a Helm release', () => {
  test('of the same version and values is unchanged, in whatever order its values are', () => {
    expect(releaseChange(wanted, installed('1.2.0', { logLevel: 'INFO', replicas: 1 }))).toBeUndefined();
    expect(releaseChange({ ...wanted, values: null }, installed('1.2.0'))).toBeUndefined();
  });

  test.each([
    ['that is not there', undefined, { action: 'create', reason: 'strimzi-kafka-operator 1.2.0 would be installed', fields: [] }],
    ['of another version', installed('1.1.0', { replicas: 1, logLevel: 'INFO' }), { action: 'change', reason: 'strimzi-kafka-operator 1.1.0 would become 1.2.0', fields: [] }],
    ['with other values', installed('1.2.0', { replicas: 2, logLevel: 'INFO' }), { action: 'change', reason: 'strimzi-kafka-operator would get other values', fields: [{ path: 'replicas', from: 2, to: 1 }] }],
    ['without values', installed('1.2.0'), { action: 'change', fields: [{ path: 'replicas', to: 1 }, { path: 'logLevel', to: 'INFO' }] }],
  ])('%s', (_, there, expected) => {
    expect(releaseChange(wanted, there)).toMatchObject({ kind: 'HelmRelease', namespace: 'strimzi-system', name: 'strimzi', system: 'kafka', ...expected });
  });

  test('is read from where Helm keeps it', async () => {
    const data = Buffer.from(gzipSync(JSON.stringify(installed('1.2.0', { a: 1 }))).toString('base64')).toString('base64');
    expect(await decodeRelease(data)).toEqual(installed('1.2.0', { a: 1 }));
  });
});

test('objects of a file: each document, without hooks of Helm and without nothing', () => {
  const object = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
  const text = ['', object('a'), '# only words\n', object('b', '  annotations: { helm.sh/hook: test }\n'), object('c')].join('---\n');
  expect(objectsOf(text).map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
});

describe('why something would go', () => {
  const platform = { services: [{ name: 'audit' }], topics: [{ name: 'task-events' }], environment: { name: 'prod' } } as unknown as Platform;
  const object = (kind: string, name: string, labels: Record<string, string> = {}): KubernetesObject => ({ apiVersion: 'v1', kind, metadata: { name, labels } });
  const systems = ['kafka', 'app'];

  test.each<[KubernetesObject, string]>([
    [object('KafkaTopic', 'old-events', { 'todoctl.io/system': 'kafka' }), 'the definition has no topic old-events any more'],
    [object('KafkaTopic', 'task-events', { 'todoctl.io/system': 'kafka' }), 'kafka does not render it any more'],
    [object('KafkaUser', 'billing', { 'todoctl.io/system': 'kafka' }), 'the definition has no service billing any more'],
    [object('Deployment', 'billing', { 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'billing' }), 'the definition has no service billing any more'],
    [object('Deployment', 'other', { 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'audit' }), 'app does not render it any more'],
    [object('ConfigMap', 'x', { 'todoctl.io/system': 'chaos' }), 'prod has no chaos any more'],
    [object('ConfigMap', 'x'), 'nothing renders it any more'],
  ])('%j', (gone, reason) => {
    expect(pruneReason(gone, platform, systems)).toBe(reason);
  });
});
