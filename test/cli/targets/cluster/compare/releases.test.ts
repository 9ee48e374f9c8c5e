import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../../cli/definition/platform.ts';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { objectsOf } from '../../../../../cli/targets/cluster/compare/desired.ts';
import { pruneReason } from '../../../../../cli/targets/cluster/compare/reasons.ts';
import { compareReleases, decodeRelease, releaseChange } from '../../../../../cli/targets/cluster/compare/releases.ts';
import { refused, type Script, scriptedCluster } from '../../../operations/plan/scripted-cluster.ts';

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
  const systems = ['kafka', 'app', 'network'];

  test.each<[KubernetesObject, string]>([
    [object('KafkaTopic', 'old-events', { 'todoctl.io/system': 'kafka' }), 'the definition has no topic old-events any more'],
    [object('KafkaTopic', 'task-events', { 'todoctl.io/system': 'kafka' }), 'kafka does not render it any more'],
    [object('HTTPRoute', 'billing', { 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'billing' }), 'the definition has no service billing any more'],
    [object('NetworkPolicy', 'service-billing', { 'todoctl.io/system': 'network' }), 'the definition has no service billing any more'],
    [object('NetworkPolicy', 'service-audit', { 'todoctl.io/system': 'network' }), 'network does not render it any more'],
    [object('NetworkPolicy', 'app-todo-smoke', { 'todoctl.io/system': 'network' }), 'network does not render it any more'],
    [object('KafkaUser', 'billing', { 'todoctl.io/system': 'kafka' }), 'the definition has no service billing any more'],
    [object('Deployment', 'billing', { 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'billing' }), 'the definition has no service billing any more'],
    [object('Deployment', 'other', { 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'audit' }), 'app does not render it any more'],
    [object('ConfigMap', 'x', { 'todoctl.io/system': 'chaos' }), 'prod has no chaos any more'],
    [object('ConfigMap', 'x'), 'nothing renders it any more'],
  ])('%j', (gone, reason) => {
    expect(pruneReason(gone, platform, systems)).toBe(reason);
  });
});

describe('the releases of a cluster', () => {
  const record = (revision: number, content: unknown, labels: Record<string, string> = {}): KubernetesObject => ({
    apiVersion: 'v1', kind: 'Secret',
    metadata: { name: `sh.helm.release.v1.strimzi.v${revision}`, namespace: 'strimzi-system', labels: { owner: 'helm', name: 'strimzi', status: 'deployed', version: String(revision), ...labels } },
    data: { release: typeof content === 'string' ? content : Buffer.from(gzipSync(JSON.stringify(content)).toString('base64')).toString('base64') },
  });
  const compared = async (there: KubernetesObject[], script?: Script) => compareReleases((await scriptedCluster(there, script)).client(), [wanted]);
  const same = installed('1.2.0', { replicas: 1, logLevel: 'INFO' });

  test('one that is as it is wanted is no change', async () => {
    expect(await compared([record(1, same)])).toEqual({ changes: [], unseen: [] });
  });

  test('of several records the newest counts, as a number: 10 is after 9', async () => {
    expect(await compared([record(10, same), record(9, installed('1.1.0'))])).toEqual({ changes: [], unseen: [] });
    expect((await compared([record(9, same), record(10, installed('1.1.0'))])).changes).toMatchObject([{ reason: 'strimzi-kafka-operator 1.1.0 would become 1.2.0' }]);
  });

  test.each([['that failed', { status: 'failed' }], ['of another name', { name: 'other' }], ['of somebody else', { owner: 'flux' }]])('one %s is none', async (_, labels) => {
    expect((await compared([record(1, same, labels)])).changes).toMatchObject([{ action: 'create', reason: 'strimzi-kafka-operator 1.2.0 would be installed' }]);
  });

  test.each<[string, KubernetesObject[], Script | undefined]>([
    ['may not be read', [], (_, response) => refused(response, 403, 'forbidden')],
    ['are no records of Helm', [record(1, 'bm90IGEgcmVsZWFzZQ==')], undefined],
    ['break off', [record(1, Buffer.from(gzipSync(JSON.stringify(same)).subarray(0, 30).toString('base64')).toString('base64'))], undefined],
  ])('those that %s are not known, and that is said', async (_, there, script) => {
    expect(await compared(there, script)).toEqual({ changes: [], unseen: ['What Helm keeps of its releases cannot be read: whether strimzi would be installed is not known.'] });
  });
});
