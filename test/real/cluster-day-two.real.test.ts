// What is done with a platform that is there: rollback, scale and doctor, on a real API server with real Helm and the real controller of
// autoscalers. Operators and pods are ready at once; what runs in them is the real node's matter.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorResult } from '../../cli/operations/doctor.ts';
import type { RollbackResult } from '../../cli/operations/rollback.ts';
import type { ScaleResult } from '../../cli/operations/scale.ts';
import type { StatusResult } from '../../cli/operations/status.ts';
import type { Revision } from '../../cli/targets/target.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { type ClusterStage, openClusterStage } from '../support/cluster-stage.ts';
import { type Controllers, startControllers } from '../support/controllers.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import type { Ran, Running } from '../support/todoctl.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const helm = await realPart('helm', getHelm);
const api = helm && (await realPart('kubernetes', startApiServer));
const can = helm !== undefined && api !== undefined && crdFiles() !== undefined;
const MINUTES = 60_000;

let stage: ClusterStage;
let controllers: Controllers;
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const field = (thing: string, path: string): string => kubectl(['get', thing, '-n', 'todo', '-o', `jsonpath={${path}}`]);
const replicas = (service: string): string => field(`deployment/${service}`, '.spec.replicas');
const far = (...args: string[]): Running => stage.todoctl([...args, '--env', 'far', '--json']);
const json = <T>({ stdout }: Ran): T => JSON.parse(stdout) as T;
const ok = <T>(ran: Ran): T => {
  expect(ran.code, `${ran.stderr}\n${ran.stdout}`).toBe(0);
  return json<T>(ran);
};
const refused = (ran: Ran): [number | null, string, string] => {
  const { error } = json<{ error: { code: string; message: string } }>(ran);
  return [ran.code, error.code, error.message];
};
const deploy = async (): Promise<void> => void ok(await far('deploy', '--skip', 'smoke'));
const SCALED = { 'task-api': { route: '/api', publishes: ['task-events', 'task-updates'], database: true, scale: { min: 2, max: 4, cpu: 70 } } };
/** What no revision has. */
const lasting = (): string => ['kafkatopics.kafka.strimzi.io', 'kafkausers.kafka.strimzi.io', 'statefulsets'].map((kind) => kubectl(['get', kind, '-n', 'todo', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.metadata.generation}{"\\n"}{end}'])).join('')
  + kubectl(['get', 'secrets', '-n', 'todo', '-l', 'todoctl.io/platform=todo,owner!=helm', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.data}{"\\n"}{end}']);

beforeAll(async () => {
  if (!can) return;
  applyCrds(api);
  controllers = startControllers(api, ['horizontal-pod-autoscaler-controller']);
  stage = await openClusterStage(api, helm);
  await stage.define({}, SCALED);
  await deploy();
}, 5 * MINUTES);
afterAll(async () => {
  await stage?.stop();
  await controllers?.stop();
  await api?.stop();
}, 2 * MINUTES);

// The tests build on each other: one deployed environment.
describe.skipIf(!can)('rollback', { timeout: 5 * MINUTES }, () => {
  test('there is nothing before the first revision', async () => {
    expect(refused(await far('rollback', '--yes'))).toEqual([2, 'TODOCTL_REVISION_UNKNOWN', 'There is no revision before this one to go back to']);
    expect(ok<{ revisions: Revision[] }>(await far('rollback', '--list')).revisions).toEqual([expect.objectContaining({ revision: 1, state: 'deployed', description: 'todoctl deploy' })]);
  });

  test('killed right after its first change, and run again: the app is as of the revision, topics, users, data and Secrets as they were', async () => {
    await stage.define({}, { ...SCALED, web: { route: '/', replicas: 3 } });
    await deploy();
    expect(replicas('web')).toBe('3');
    const before = lasting();
    const dry = ok<RollbackResult>(await far('rollback', '--dry-run'));
    expect([dry, replicas('web')]).toEqual([expect.objectContaining({ from: 2, to: 1, changed: expect.any(Number) as number }), '3']);
    const running = far('rollback', '--to', '1', '--yes');
    let seen = 0;
    stage.api.onChange = () => {
      // The lock is the first; Helm's record of the new revision comes after it.
      if (stage.api.requests.at(-1)?.includes('/secrets') && seen++ === 0) running.child.kill('SIGKILL');
    };
    const killed = await running;
    stage.api.onChange = () => undefined;
    expect(killed.signal).toBe('SIGKILL');
    ok<RollbackResult>(await far('rollback', '--to', '1', '--yes'));
    expect([replicas('web'), lasting()]).toEqual(['1', before]);
    expect(ok<RollbackResult>(await far('rollback', '--to', '1', '--yes'))).toMatchObject({ to: 1, changed: 0 });
    expect(kubectl(['get', 'leases', '-n', 'kube-system', '-o', 'name'])).not.toContain('todoctl-');
  });

  test('a revision whose images are gone is refused, and names them', async () => {
    const tag = field('deployment/web', '.spec.template.spec.containers[0].image').split(':').at(-1) ?? '';
    stage.registry.gone.add(tag);
    expect(refused(await far('rollback', '--to', '2', '--yes'))).toEqual([3, 'TODOCTL_REVISION_UNUSABLE', 'Revision 2 cannot be gone back to: an image of it is gone']);
    stage.registry.gone.clear();
    expect(replicas('web')).toBe('1');
  });

  test('while somebody else changes the environment: refused, with who and what', async () => {
    const now = new Date().toISOString().replace('Z', '000Z');
    kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'todoctl-todo-far', namespace: 'kube-system', annotations: { 'todoctl.io/doing': 'deploy' } }, spec: { holderIdentity: 'ada@laptop:7', leaseDurationSeconds: 3600, acquireTime: now, renewTime: now } }));
    for (const command of [['rollback', '--to', '2', '--yes'], ['scale', 'web', '--replicas', '2'], ['teardown', '--yes']]) {
      const ran = await far(...command);
      expect([command[0], ...refused(ran).slice(0, 2)]).toEqual([command[0], 3, 'TODOCTL_LOCKED']);
      expect(ran.stdout).toContain('ada@laptop:7');
    }
    kubectl(['delete', 'lease', 'todoctl-todo-far', '-n', 'kube-system']);
  });
});

describe.skipIf(!can)('scale', { timeout: 5 * MINUTES }, () => {
  test('sets the bounds of an autoscaler and waits until as many are ready; once they are, nothing', async () => {
    expect(ok<ScaleResult>(await far('scale', 'task-api', '--min', '3', '--max', '6', '--dry-run'))).toMatchObject({ changed: 1, dryRun: true });
    expect(field('hpa/task-api', '.spec.minReplicas')).toBe('2');
    expect(ok<ScaleResult>(await far('scale', 'task-api', '--min', '3', '--max', '6')).changed).toBeGreaterThan(0);
    expect([field('hpa/task-api', '.spec.minReplicas'), field('hpa/task-api', '.spec.maxReplicas'), replicas('task-api'), field('deployment/task-api', '.status.readyReplicas')]).toEqual(['3', '6', '3', '3']);
    expect(ok<ScaleResult>(await far('scale', 'task-api', '--min', '3', '--max', '6'))).toMatchObject({ changed: 0 });
  });

  test('a service without an autoscaler has replicas, and no bounds', async () => {
    expect(refused(await far('scale', 'web', '--min', '1', '--max', '2'))).toEqual([2, 'TODOCTL_SCALE_REFUSED', 'web has no autoscaler']);
    ok(await far('scale', 'web', '--replicas', '2'));
    expect(replicas('web')).toBe('2');
  });

  test('a name that is not there: the nearest is offered', async () => {
    expect(refused(await far('scale', 'task-apo', '--replicas', '2'))[2]).toContain('Did you mean task-api?');
  });

  test('lasts until the next deploy', async () => {
    await deploy();
    expect([field('hpa/task-api', '.spec.minReplicas'), replicas('web')]).toEqual(['2', '3']);
  });
});

describe.skipIf(!can)('doctor', { timeout: 5 * MINUTES }, () => {
  const findings = async (): Promise<Record<string, string>> => Object.fromEntries(json<DoctorResult>(await far('doctor')).checks.filter(({ ok: fine }) => !fine).map(({ title, message = '', details = [] }) => [title, [message, ...details].join('; ')]));

  test('names what the runbooks say, of what runs and of what is missing', async () => {
    const healthy = await findings();
    // There is no broker here: Kafka's own word is good, and it cannot be asked.
    expect(healthy).toMatchObject({ 'Every consumer is connected': expect.stringContaining('Kafka cannot be asked') as string });
    for (const title of ['Kafka is ready', 'Topics are ready', 'Users are ready', 'Every subscription has its component', 'Pods are not refused', 'Dapr’s control plane runs']) expect(healthy).not.toHaveProperty(title);

    const component = kubectl(['get', 'components', '-n', 'todo', '-o', 'name']).split('\n').map((name) => name.split('/').at(-1) ?? '');
    const used = kubectl(['get', 'subscriptions.dapr.io', '-n', 'todo', '-o', 'jsonpath={.items[*].spec.pubsubname}']).split(' ')[0] ?? '';
    expect(component).toContain(used);
    kubectl(['delete', 'component', used, '-n', 'todo']);
    // Of no Kafka, so no operator ever looks at it.
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata: { name: 'orphan', namespace: 'todo', labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'far' } }, spec: { partitions: 1, replicas: 1 } }));
    stage.workloads.held.add('dapr');
    kubectl(['patch', 'deployment', 'dapr', '-n', 'dapr-system', '--subresource=status', '--type=merge', '-p', '{"status":{"readyReplicas":0,"replicas":1,"unavailableReplicas":1,"availableReplicas":0}}']);
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'waits', namespace: 'todo' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'nobody', resources: { requests: { storage: '1Gi' } } } }));
    expect(await findings()).toMatchObject({
      'Every subscription has its component': expect.stringContaining(`wants the component ${used}, which is not there`) as string,
      'Topics are ready': 'orphan: its operator has not looked at it yet',
      'Dapr’s control plane runs': 'dapr: 0 of 1 are ready',
      'Disks are bound': expect.stringMatching(/^waits: (?:Pending), class nobody$/) as string,
    });
  });

  test('status says the same of what waits', async () => {
    const { processes } = json<StatusResult>(await far('status'));
    expect(processes).toContainEqual(expect.objectContaining({ name: 'task-api', kind: 'service', state: 'ready' }));
    expect(processes.filter(({ state }) => state !== 'ready').length).toBeGreaterThan(0);
  });
});
