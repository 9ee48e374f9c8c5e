// Teardown of an environment in a cluster that exists: deployed by todoctl itself into a real API server, with the controllers that remove,
// real Helm, and operators that are ready at once. Beside a neighbour who has things of the same names and kinds.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Resource } from '../../cli/providers/resource.ts';
import { systemClock } from '../../cli/io/clock.ts';
import { teardown, type TeardownResult } from '../../cli/operations/teardown.ts';
import { openGround } from '../../cli/targets/cluster/ground.ts';
import { findResources } from '../../cli/targets/cluster/resources.ts';
import { teardownSteps } from '../../cli/targets/cluster/teardown.ts';
import { contextOn, listening, plainIo, targetWith } from '../cli/operations/stage.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { type ClusterStage, openClusterStage } from '../support/cluster-stage.ts';
import { type Controllers, startControllers } from '../support/controllers.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import type { Ran } from '../support/todoctl.ts';
import { until } from '../support/until.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const helm = await realPart('helm', getHelm);
const api = helm && (await realPart('kubernetes', startApiServer));
const can = helm !== undefined && api !== undefined && crdFiles() !== undefined;
const MINUTES = 60_000;

let stage: ClusterStage;
let controllers: Controllers;
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const names = (kind: string, ...args: string[]): string[] => kubectl(['get', kind, ...args, '-o', 'name']).trim().split('\n').filter(Boolean).map((name) => name.split('/').at(-1) ?? '');
const apply = (...items: object[]): void => void kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const object = (kind: string, name: string, namespace?: string, more: { apiVersion?: string; metadata?: object } & Record<string, unknown> = {}): object => {
  const { apiVersion = 'v1', metadata = {}, ...rest } = more;
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata }, ...rest };
};
const kindOf = (plural: string, kind: string): object => object('CustomResourceDefinition', `${plural}.example.com`, undefined, {
  apiVersion: 'apiextensions.k8s.io/v1',
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural, kind }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
});
const KEPT = { apiVersion: 'example.com/v1' };
const OURS = 'todoctl.io/platform=todo,todoctl.io/environment=far';
const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'theirs', 'todo-staging'];

const deploy = async (): Promise<void> => {
  const { code, stderr, stdout } = await stage.todoctl(['deploy', '--env', 'far', '--skip', 'smoke', '--json']);
  expect([code, stdout], stderr).toEqual([0, expect.anything()]);
};
const TEARDOWN = ['teardown', '--env', 'far', '--yes', '--json'];
const receiptOf = ({ code, stdout, stderr }: Ran): TeardownResult => {
  expect(code, `${stderr}\n${stdout}`).toBe(0);
  return JSON.parse(stdout) as TeardownResult;
};

/** A disk as a cloud's driver leaves it, bound; the driver removes it when it may, as `driver` does here. */
function disk(claim: string, policy: 'Delete' | 'Retain'): void {
  const volume = `pv-of-${claim}`;
  const size = { accessModes: ['ReadWriteOnce'], storageClassName: 'fast' };
  apply(
    object('PersistentVolumeClaim', claim, 'todo', { metadata: { labels: { 'app.kubernetes.io/name': claim.includes('postgres') ? 'postgres' : 'kafka' } }, spec: { ...size, resources: { requests: { storage: '1Gi' } }, volumeName: volume } }),
    object('PersistentVolume', volume, undefined, {
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': 'disks.example.com' } },
      spec: { ...size, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: policy, csi: { driver: 'disks.example.com', volumeHandle: volume }, claimRef: { namespace: 'todo', name: claim } },
    }),
  );
}

/** Ends disks whose claim is gone and that may go; one that is to be retained never goes by itself. */
async function driver(volumes: readonly string[]): Promise<void> {
  for (const volume of volumes) {
    await until(`${volume} may go`, async () => {
      // Each look starts a kubectl, and the teardown wants the processor too.
      await pause(1000);
      return kubectl(['get', 'pv', volume, '-o', 'jsonpath={.spec.persistentVolumeReclaimPolicy}']) === 'Delete' && !names('pvc', '-n', 'todo').includes(volume.replace('pv-of-', ''));
    }, 6 * MINUTES);
    kubectl(['delete', 'pv', volume, '--wait=false']);
  }
}

function neighbourIsThere(): void {
  expect([names('configmaps', '-n', 'theirs'), names('services', '-n', 'theirs'), names('kafkatopics', '-n', 'theirs'), names('deployments', '-n', 'theirs'), names('pv')]).toEqual([expect.arrayContaining(['todo']), ['task-api'], ['task-events'], ['dapr'], expect.arrayContaining(['by-hand'])]);
  expect(names('clusterroles')).toContain('todo');
  expect(names('customresourcedefinitions')).toEqual(expect.arrayContaining(['olders.example.com', 'kafkatopics.kafka.strimzi.io']));
}

beforeAll(async () => {
  if (!can) return;
  applyCrds(api);
  // A kind that was there before, a second one comes with a chart of ours of the same name.
  apply(kindOf('olders', 'Older'));
  controllers = startControllers(api);
  stage = await openClusterStage(api, helm);
  const crds = path.join(stage.project, 'charts/dapr/crds');
  mkdirSync(crds, { recursive: true });
  for (const [plural, kind] of [['olders', 'Older'], ['widgets', 'Widget'], ['gadgets', 'Gadget']] as const) writeFileSync(path.join(crds, `${plural}.yaml`), JSON.stringify(kindOf(plural, kind)));
  apply(
    object('Namespace', 'todo-staging', undefined, { metadata: { labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'staging' } } }), object('Namespace', 'theirs'),
    object('ConfigMap', 'todo', 'theirs'), object('Service', 'task-api', 'theirs', { spec: { ports: [{ port: 80 }] } }),
    object('ClusterRole', 'todo', undefined, { apiVersion: 'rbac.authorization.k8s.io/v1', rules: [] }),
    object('KafkaTopic', 'task-events', 'theirs', { apiVersion: 'kafka.strimzi.io/v1', metadata: { labels: { 'strimzi.io/cluster': 'theirs' } }, spec: { partitions: 1, replicas: 1 } }),
    object('Deployment', 'dapr', 'theirs', { apiVersion: 'apps/v1', spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } } } }),
    object('PersistentVolume', 'by-hand', undefined, { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } } }),
  );
}, 5 * MINUTES);
afterAll(async () => {
  await stage?.stop();
  await controllers?.stop();
  await api?.stop();
}, 2 * MINUTES);

// The tests build on each other: one cluster, deployed anew where it says so.
describe.skipIf(!can)('teardown', { timeout: 10 * MINUTES }, () => {
  test('of nothing is nothing', async () => {
    const ran = await stage.todoctl(['teardown', '--env', 'far', '--yes']);
    expect([ran.code, ran.stdout]).toEqual([0, 'Nothing of far is here\n']);
  });

  test('of nothing but the lock of a run that was killed takes that', async () => {
    const long = '2026-01-01T00:00:00.000000Z';
    apply(object('Lease', 'todoctl-todo-far', 'kube-system', { apiVersion: 'coordination.k8s.io/v1', spec: { holderIdentity: 'ada@elsewhere:1', leaseDurationSeconds: 60, acquireTime: long, renewTime: long } }));
    const { kept, removed } = receiptOf(await stage.todoctl(TEARDOWN));
    expect([kept, removed.map(({ name }) => name)]).toEqual([[], ['Lease todoctl-todo-far']]);
    expect(names('leases', '-n', 'kube-system').filter((name) => name.startsWith('todoctl'))).toEqual([]);
  });

  test('refused without a terminal and without --yes; a dry run names what would go; both leave it', async () => {
    await deploy();
    // Added by hand, without labels: it would hold the namespace for ever.
    apply(object('KafkaTopic', 'by-hand', 'todo', { apiVersion: 'kafka.strimzi.io/v1', metadata: { labels: { 'strimzi.io/cluster': 'todo' } }, spec: { partitions: 1, replicas: 1 } }));
    const before = stage.api.requests.length;
    const [refused, dry] = await Promise.all([stage.todoctl(['teardown', '--env', 'far']), stage.todoctl(['teardown', '--env', 'far', '--dry-run', '--json'])]);
    const { removed } = receiptOf(dry);
    const of = (kind: string): string[] => removed.filter((one) => one.kind === kind).map(({ name }) => name);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('TODOCTL_NEEDS_YES') as string]);
    expect(of('topic')).toContain('by-hand');
    expect(of('release')).toEqual(expect.arrayContaining(['strimzi', 'todo']));
    expect(of('object')).toContain('CustomResourceDefinition widgets.example.com');
    expect(of('object').join(' ')).not.toContain('olders.example.com');
    expect(stage.api.requests.slice(before).filter((request) => !/^GET |selfsubject/.test(request))).toEqual([]);
  });

  test('interrupted and killed at every step, and run again: all of ours is gone, all of the neighbours’ is there', async () => {
    const ends: string[] = [];
    // Every step once: the next run finds what this one left half done.
    for (const [index, title] of ['Lock', 'Remove the services', 'Remove topics', 'Remove Kafka', 'Uninstall the Helm', 'Remove kinds', 'Remove the namespaces'].entries()) {
      const running = stage.todoctl(['teardown', '--env', 'far', '--yes']);
      let seen = '';
      let sent = false;
      const signal = index % 2 === 0 ? 'SIGKILL' : 'SIGINT';
      running.child.stderr?.on('data', (text: string) => {
        seen += text;
        // Once: a second Ctrl-C means to leave at once.
        if (!sent && seen.includes(title)) sent = running.child.kill(signal);
      });
      const { code, signal: by } = await running;
      ends.push(`${title}: ${by ?? code}`);
      // Killed, interrupted (130), or done before the signal came.
      expect(by === 'SIGKILL' || code === 130 || code === 0, ends.join(', ')).toBe(true);
    }
    process.stderr.write(`teardown ended at ${ends.join(', ')}\n`);
    const { kept } = receiptOf(await stage.todoctl(TEARDOWN));
    expect(kept).toEqual([]);
    expect(names('namespaces').sort()).toEqual(SYSTEM_NAMESPACES);
    expect(names('leases', '-n', 'kube-system').filter((name) => name.startsWith('todoctl'))).toEqual([]);
    expect(names('clusterroles,customresourcedefinitions,priorityclasses,storageclasses', '-l', OURS)).toEqual([]);
    expect(names('customresourcedefinitions')).not.toContain('widgets.example.com');
    neighbourIsThere();
  });

  test('--keep database leaves its disk, its password and no more; kinds that others use keep their operator', async () => {
    await deploy();
    disk('data-postgres-0', 'Retain');
    disk('data-0-todo-kafka-0', 'Retain');
    apply(object('Widget', 'of-theirs', 'theirs', KEPT));
    const password = kubectl(['get', 'secret', 'postgres', '-n', 'todo', '-o', 'jsonpath={.data.password}']);
    const driving = driver(['pv-of-data-0-todo-kafka-0']);
    const { kept, removed } = receiptOf(await stage.todoctl([...TEARDOWN, '--keep', 'database']));
    await driving;
    expect(kubectl(['get', 'secret', 'postgres', '-n', 'todo', '-o', 'jsonpath={.data.password}'])).toBe(password);
    expect([names('statefulsets', '-n', 'todo'), names('pvc', '-n', 'todo'), names('deployments', '-n', 'todo')]).toEqual([['postgres'], ['data-postgres-0'], []]);
    expect(kubectl(['get', 'pv', 'pv-of-data-postgres-0', '-o', 'jsonpath={.spec.persistentVolumeReclaimPolicy}'])).toBe('Retain');
    expect(removed.map(({ name }) => name)).toContain('data-0-todo-kafka-0');
    expect(kept).toEqual(expect.arrayContaining([
      expect.objectContaining({ kind: 'namespace', name: 'todo', owner: 'environment' }), expect.objectContaining({ kind: 'volume', name: 'data-postgres-0' }),
      expect.objectContaining({ kind: 'release', name: 'dapr', owner: 'other', heldBy: 'others have a Widget: theirs/of-theirs' }),
      expect.objectContaining({ name: 'CustomResourceDefinition widgets.example.com', owner: 'other' }), expect.objectContaining({ kind: 'namespace', name: 'dapr-system', owner: 'other' }),
    ]));
    expect(names('customresourcedefinitions').filter((name) => name.endsWith('example.com'))).toEqual(['olders.example.com', 'widgets.example.com']);
    expect(names('deployments', '-n', 'dapr-system')).toEqual(['dapr']);

    kubectl(['delete', 'widget', 'of-theirs', '-n', 'theirs']);
    const ending = driver(['pv-of-data-postgres-0']);
    expect(receiptOf(await stage.todoctl(TEARDOWN)).kept).toEqual([]);
    await ending;
    expect(names('namespaces').sort()).toEqual(SYSTEM_NAMESPACES);
    neighbourIsThere();
  });

  test('what a finalizer holds is left, and named with the command that lets it go: an object, then a namespace', async () => {
    const marked = { labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'far' } };
    apply(object('Namespace', 'todo', undefined, { metadata: marked }), object('ConfigMap', 'ours', 'todo', { metadata: { ...marked, finalizers: ['example.com/hold'] } }));
    const given = { io: plainIo, clock: systemClock, env: { KUBECONFIG: (api as ApiServer).kubeconfig, HOME: stage.project, PATH: `${stage.project}/bin:${process.env['PATH'] ?? ''}` }, cwd: stage.project, environment: 'far', stop: new AbortController().signal, leave: new AbortController().signal };
    const impatient = async (): Promise<TeardownResult> => {
      const ground = await openGround(given);
      const target = targetWith({ resources: (): Promise<Resource[]> => findResources(ground), teardown: (selection) => teardownSteps(ground, selection, 500) });
      return teardown({ ...contextOn(target), environment: 'far' }, { keepData: false, dryRun: false, confirm: async () => true }, listening());
    };
    await expect(impatient()).rejects.toMatchObject({
      code: 'TODOCTL_LEFTOVERS', exit: 7,
      details: expect.arrayContaining([
        expect.stringMatching(/^namespace todo /), 'Remove the services: ConfigMap todo/ours (held by the finalizer example.com/hold)',
        `kubectl patch configmaps ours -n todo --type=merge -p '{"metadata":{"finalizers":null}}'`,
      ]) as string[],
    });
    // One that bears no marks is nobody's to remove, and is found by what its namespace says.
    kubectl(['patch', 'configmap', 'ours', '-n', 'todo', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    apply(object('ConfigMap', 'theirs', 'todo', { metadata: { finalizers: ['example.com/hold'] } }));
    await expect(impatient()).rejects.toMatchObject({ code: 'TODOCTL_LEFTOVERS', details: expect.arrayContaining([expect.stringMatching(/^namespace todo .*configmaps\. has 1 resource instances.*example\.com\/hold in 1 resource instances/)]) as string[] });
    kubectl(['patch', 'configmap', 'theirs', '-n', 'todo', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await until('the namespace is gone', () => !names('namespaces').includes('todo'), 2 * MINUTES);
    expect((await impatient()).removed).toEqual([]);
  });
});
