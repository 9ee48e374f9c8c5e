// `todoctl plan` against a real API server, from a cluster with nothing to one that has it all.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import { plan, type PlanResult } from '../../cli/operations/plan/plan.ts';
import type { Desired } from '../../cli/targets/cluster/compare/desired.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { contextOn, targetWith } from '../cli/operations/stage.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { applyAll, desiredIn, recordReleases } from '../support/applied.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { refusal } from '../support/definition.ts';
import { realPart } from './parts.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const api = await realPart('kubernetes', startApiServer);
const crds = crdFiles();
if (!crds) console.warn('skipped: the CRDs of other systems are not on this machine (../shared/specs/crds)');

const kubeconfig = api?.kubeconfig ?? '';
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
/** The project's own definition, with a database that has connections enough: whether it has is another test. */
const folder = mkdtempSync(path.join(tmpdir(), 'plan-'));
let desired: Desired;

/** The plan of prod, as a user of the cluster sees it. */
const planned = (context = 'admin'): Promise<PlanResult> => plan({ ...contextOn(targetWith()), cwd: folder, environment: 'prod' }, { kubeconfig, context });
const command = () => spawnSync(process.execPath, [path.join(ROOT, 'bin/dev.js'), 'plan', '--env', 'prod', '--kubeconfig', kubeconfig], { cwd: folder, encoding: 'utf8' });
const counts = ({ changes }: PlanResult): Record<string, number> => Object.fromEntries(['create', 'change', 'prune', 'after'].map((action) => [action, changes.filter((change) => change.action === action).length]));
const patched = (kind: string, name: string, patch: object, type = 'merge'): void => void kubectl(['patch', kind, name, '-n', 'todo', `--type=${type}`, '-p', JSON.stringify(patch)]);
/** Puts what is declared back, as the owner that it has. */
const repaired = (): void => applyAll({ kubectl: (args, input) => kubectl([...args, '--force-conflicts'], input) }, desired);

beforeAll(async () => {
  const definition = parseDocument(readFileSync(path.join(ROOT, 'todoctl.yaml'), 'utf8'));
  definition.setIn(['environments', 'prod', 'postgres', 'connections'], 1000);
  writeFileSync(path.join(folder, 'todoctl.yaml'), String(definition));
  desired = await desiredIn(await loadPlatform({ cwd: folder, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api?.stop();
});

// The tests build on each other: each leaves the cluster to the next as it is named.
describe.skipIf(!api || !crds)('plan', () => {
  test('of an empty cluster: kinds that do not exist yet come after the system that brings them', async () => {
    const result = await planned();
    expect(result.approximate).toBe(false);
    expect(result.unseen).toEqual([]);
    const { create = 0, after = 0 } = counts(result);
    expect([create + after, counts(result)['change'], counts(result)['prune']]).toEqual([desired.objects.length + desired.releases.length, 0, 0]);
    const topic = result.changes.find(({ kind, name }) => kind === 'KafkaTopic' && name === 'task-events');
    expect(topic).toMatchObject({ action: 'after', after: 'kafka', system: 'kafka' });
    // The Gateway API comes with the cluster: nothing that is installed brings it.
    const nobody = result.changes.filter((change) => change.action === 'after' && change.after === undefined);
    expect([...new Set(nobody.map(({ kind }) => kind))].sort()).toEqual(['Gateway', 'HTTPRoute']);
  });

  test('of a cluster that knows the kinds: all is new', async () => {
    applyCrds(api as ApiServer);
    expect(counts(await planned())).toEqual({ create: desired.objects.length + desired.releases.length, change: 0, prune: 0, after: 0 });
  });

  test('of a cluster that has it all: nothing, and exit code 0', async () => {
    applyAll(api as ApiServer, desired);
    recordReleases(api as ApiServer, desired);
    expect(await planned()).toMatchObject({ changes: [], approximate: false, unseen: [], warnings: [] });
    const ran = command();
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/^No changes {2}prod is as it is defined, \d+ objects\n/);
  });

  test('of a field that somebody changed by hand: that field, and exit code 6', async () => {
    patched('kafkatopic', 'task-events', { spec: { config: { 'retention.ms': 1 } } });
    const { changes } = await planned();
    expect(changes).toMatchObject([{ action: 'change', kind: 'KafkaTopic', namespace: 'todo', name: 'task-events', fields: [{ path: 'spec.config["retention.ms"]', from: 1 }] }]);
    expect(command().status).toBe(6);
    repaired();
    expect((await planned()).changes).toEqual([]);
  });

  test('of a field that somebody added and we do not declare: it is theirs', async () => {
    patched('namespace', 'todo', { metadata: { annotations: { 'example.com/team': 'blue' } } });
    expect((await planned()).changes).toEqual([]);
  });

  test('of objects with our labels that nothing renders: they would go, what a controller made would not', async () => {
    const labels = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod', 'todoctl.io/system': 'app', 'app.kubernetes.io/name': 'billing' };
    const made = (kind: string, name: string, more: object = {}): object => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'todo', labels, ...more } });
    const uid = kubectl(['get', 'namespace', 'todo', '-o', 'jsonpath={.metadata.uid}']);
    const items = [
      { ...made('Service', 'billing'), spec: { ports: [{ port: 80 }] } },
      made('ConfigMap', 'of-a-controller', { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'todo', uid }] }),
      made('Secret', 'made-by-deploy'),
      made('ConfigMap', 'of-staging', { labels: { ...labels, 'todoctl.io/environment': 'staging' } }),
    ];
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect((await planned()).changes).toEqual([
      { action: 'prune', kind: 'Service', namespace: 'todo', name: 'billing', system: 'app', reason: 'the definition has no service billing any more', fields: [] },
    ]);
    kubectl(['delete', 'service/billing', 'configmap/of-a-controller', 'secret/made-by-deploy', 'configmap/of-staging', '-n', 'todo']);
  });

  test('of a topic that would go: refused, and said which', async () => {
    const [topic] = desired.objects.filter(({ object }) => object.kind === 'KafkaTopic').map(({ object }) => object);
    kubectl(['apply', '-f', '-'], JSON.stringify({ ...topic, metadata: { ...topic?.metadata, name: 'old-events' }, spec: { ...(topic?.['spec'] as object), topicName: 'old-events' } }));
    expect(await refusal(planned())).toMatchObject({ code: 'TODOCTL_TOPIC_REMOVED', message: 'The topic old-events would be deleted with all its events' });
    kubectl(['delete', 'kafkatopic/old-events', '-n', 'todo']);
  });

  test('of a topic whose partitions would be lowered: refused', async () => {
    patched('kafkatopic', 'task-events', { spec: { partitions: 9 } });
    expect(await refusal(planned())).toMatchObject({ code: 'TODOCTL_TOPIC_SHRINK', message: 'The topic task-events has 9 partitions and would have 3' });
    repaired();
  });

  test('of a release of an older chart, and of one with other values', async () => {
    const [first, second] = desired.releases;
    if (!first || !second) throw new Error('prod has no two releases');
    recordReleases(api as ApiServer, { releases: [{ ...first, version: '0.0.1' }, { ...second, values: { ...(second.values as object), password: 'canary-of-values' } }] });
    const { changes } = await planned();
    expect(changes).toMatchObject([
      { action: 'change', kind: 'HelmRelease', name: first.release, reason: expect.stringContaining(`0.0.1 would become ${first.version}`) as string, fields: [] },
      { action: 'change', kind: 'HelmRelease', name: second.release, fields: [{ path: 'password', masked: true }] },
    ]);
    expect(JSON.stringify(changes)).not.toContain('canary');
    recordReleases(api as ApiServer, desired);
  });

  test('by a reader who may not write: what is declared is compared, and that is said', async () => {
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }];
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reads-all' }, rules }));
    kubectl(['create', 'clusterrolebinding', 'reads-all', '--clusterrole=reads-all', '--user=reader']);
    const nothing = await planned('reader');
    expect([nothing.changes, nothing.approximate, nothing.unseen]).toEqual([[], true, [`You may not try ${desired.objects.length} of ${desired.objects.length} objects: what is declared of them was compared with what is there, without a dry run.`]]);
    patched('kafkatopic', 'task-events', { spec: { config: { 'retention.ms': 1 } } });
    expect((await planned('reader')).changes).toMatchObject([{ action: 'change', name: 'task-events', fields: [{ path: 'spec.config["retention.ms"]', from: 1 }] }]);
    repaired();
  });

  test('by somebody in the role plan, as it is rendered: all is tried but the roles themselves, which give more than he has', async () => {
    kubectl(['create', 'clusterrolebinding', 'plans', '--clusterrole=todo-plan', '--user=planner']);
    for (const { object } of desired.objects.filter(({ object: { kind, metadata } }) => kind === 'Role' && metadata.name === 'todo-plan')) {
      kubectl(['create', 'rolebinding', 'plans', '--role=todo-plan', '--user=planner', '-n', object.metadata.namespace ?? '']);
    }
    const result = await planned('planner');
    expect(result.changes).toEqual([]);
    const roles = desired.objects.filter(({ object: { kind } }) => /^(?:Cluster)?Role(?:Binding)?$/.test(kind)).length;
    expect(result.unseen).toEqual([
      expect.stringContaining(`You may not try ${roles} of ${desired.objects.length} objects`),
      expect.stringMatching(/^You may not list \d+ kinds/),
      expect.stringContaining('What Helm keeps of its releases cannot be read'),
    ]);
    patched('kafkatopic', 'task-events', { spec: { config: { 'retention.ms': 1 } } });
    expect((await planned('planner')).changes).toMatchObject([{ action: 'change', name: 'task-events' }]);
    repaired();
  });

  test('by somebody without any right: an error that says so', async () => {
    const error = await refusal(planned('nobody'));
    expect([error.code, error.exit]).toEqual(['TODOCTL_CLUSTER_FORBIDDEN', 4]);
  });

  test('of an object that the API server would not take: refused in its words', async () => {
    const { name, namespace } = desired.objects.find(({ object }) => object.kind === 'ConfigMap')?.object.metadata ?? { name: '' };
    kubectl(['patch', 'configmap', name, '-n', namespace ?? '', '--type=merge', '-p', '{"immutable":true}']);
    kubectl(['get', 'configmap', name, '-n', namespace ?? '']);
    expect((await planned()).changes).toEqual([]);
    kubectl(['delete', 'configmap', name, '-n', namespace ?? '']);
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, immutable: true, data: { other: 'x' } }));
    expect(await refusal(planned())).toMatchObject({ code: 'TODOCTL_CLUSTER_REFUSED', exit: 4, details: [expect.stringMatching(new RegExp(`^ConfigMap ${namespace}/${name}: .*immutable`))] });
    kubectl(['delete', 'configmap', name, '-n', namespace ?? '']);
  });
});

describe.skipIf(!api || !crds).each(['full', 'managed', 'existing'])('plan of %s of the page that has every block in use', (environment) => {
  let there: Desired;
  let page: string;

  beforeAll(async () => {
    page = mkdtempSync(path.join(tmpdir(), 'plan-'));
    const definition = parseDocument(readFileSync(path.join(ROOT, 'docs/everything.todoctl.yaml'), 'utf8'));
    definition.setIn(['environments', environment, 'postgres', 'connections'], 1000);
    writeFileSync(path.join(page, 'todoctl.yaml'), String(definition));
    there = await desiredIn(await loadPlatform({ cwd: page, environment, env: {}, systems: SYSTEM_SCHEMAS }));
  });
  afterAll(() => rmSync(page, { recursive: true, force: true }));

  test('once all of it is applied: nothing, with Argo CD, connectors and the mirror too', async () => {
    applyAll({ kubectl: (args, input) => kubectl([...args, '--force-conflicts'], input) }, there);
    recordReleases(api as ApiServer, there);
    const result = await plan({ ...contextOn(targetWith()), cwd: page, environment }, { kubeconfig, context: 'admin' });
    expect(result).toMatchObject({ changes: [], approximate: false, unseen: [], warnings: [], size: there.objects.length + there.releases.length });
  });
});
