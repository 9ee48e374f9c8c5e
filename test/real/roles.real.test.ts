// The roles that errors name, on a real API server with real Helm: a deployer may do all that he needs, others are refused by name
// before anything is changed.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TodoctlError } from '../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../cli/io/redactor.ts';
import { Kubernetes } from '../../cli/kubernetes/client.ts';
import { readKubeconfig } from '../../cli/kubernetes/kubeconfig.ts';
import { forwardPort } from '../../cli/kubernetes/port-forward.ts';
import type { DeployResult } from '../../cli/operations/deploy.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { type ClusterStage, openClusterStage } from '../support/cluster-stage.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import type { Ran } from '../support/todoctl.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const helm = await realPart('helm', getHelm);
const api = helm && (await realPart('kubernetes', startApiServer));
const can = helm !== undefined && api !== undefined && crdFiles() !== undefined;
/** Groups of ServiceAccounts are the people here: those of the namespace `ci` deploy, those of `guests` look, of `plain` nobody is named. */
const ACCESS = { access: { deployer: ['system:serviceaccounts:ci'], viewer: ['system:serviceaccounts:guests'] } };
const DEPLOY = ['deploy', '--env', 'far', '--skip', 'smoke', '--json'];
let stage: ClusterStage;

const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const errorOf = ({ stdout }: Ran): { code: string; message: string; details: string[]; next: string[] } => (JSON.parse(stdout) as { error: ReturnType<typeof errorOf> }).error;
const replicas = (): string => kubectl(['get', 'deployment/web', '-n', 'todo', '-o', 'jsonpath={.spec.replicas}']);

/** A kubeconfig of a ServiceAccount `me` of that namespace. */
async function kubeconfigOf(namespace: string): Promise<string> {
  const folder = path.join(stage.project, 'people', namespace);
  await mkdir(folder, { recursive: true });
  kubectl(['create', 'namespace', namespace]);
  kubectl(['create', 'serviceaccount', 'me', '-n', namespace]);
  const token = kubectl(['create', 'token', 'me', '-n', namespace]).trim();
  const { server, folder: keys } = api as ApiServer;
  const file = path.join(folder, 'kubeconfig');
  await writeFile(file, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'admin', clusters: [{ name: 'test', cluster: { server, 'certificate-authority': path.join(keys, 'ca.crt') } }],
    users: [{ name: namespace, user: { token } }], contexts: [{ name: 'admin', context: { cluster: 'test', user: namespace } }],
  }), { mode: 0o600 });
  return file;
}

/** What a changed object would show: versions of all that the environment has, and the locks. */
const versions = (): string => kubectl(['get', 'deployments,secrets,configmaps,roles,kafkatopics,kafkausers,components.dapr.io', '-A', '-o', 'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}']) + kubectl(['get', 'leases', '-n', 'kube-system', '-o', 'name']);

async function refused(args: readonly string[], kubeconfig: string): Promise<ReturnType<typeof errorOf>> {
  const before = versions();
  const ran = await stage.todoctl(args, { KUBECONFIG: kubeconfig });
  expect([ran.code, errorOf(ran).code], ran.stdout).toEqual([4, 'TODOCTL_CLUSTER_FORBIDDEN']);
  expect(versions()).toBe(before);
  return errorOf(ran);
}

describe.skipIf(!can)('who may do what', { timeout: 300_000 }, () => {
  let ci = '';
  let guests = '';
  let plain = '';

  beforeAll(async () => {
    applyCrds(api as ApiServer);
    stage = await openClusterStage(api as ApiServer, helm as NonNullable<typeof helm>);
    [ci, guests, plain] = [await kubeconfigOf('ci'), await kubeconfigOf('guests'), await kubeconfigOf('plain')];
    kubectl(['create', 'clusterrole', 'look', '--verb=get,list', '--resource=namespaces,pods,deployments.apps']);
    kubectl(['create', 'clusterrolebinding', 'look', '--clusterrole=look', '--group=system:serviceaccounts']);
    await stage.define(ACCESS);
  });
  afterAll(async () => {
    await stage?.stop();
    await api?.stop();
  });

  test('the first deploy takes an administrator: that is said, with what is missing and what lasts for the next', async () => {
    const { message, details, next } = await refused(DEPLOY, ci);
    expect(message).toMatch(/^This deploy into admin \(.*\) takes an administrator \(cluster-admin\)$/);
    expect(details[0]).toMatch(/^not installed yet: .*strimzi.*dapr/);
    expect(details[1]).toMatch(/^not there yet, and you may not make it: namespace .*todo/);
    expect(details).toContain('in kube-system: create leases.coordination.k8s.io');
    expect(next[0]).toContain('access: { deployer: [GROUP] }');
  });

  test('from then on a deployer is enough: a changed service, and nothing more to change after it', async () => {
    const first = await stage.todoctl(DEPLOY);
    expect(first.code, first.stderr).toBe(0);
    await stage.define(ACCESS, { web: { route: '/', replicas: 2 } });
    const second = await stage.todoctl(DEPLOY, { KUBECONFIG: ci });
    expect(second.code, `${second.stdout}${second.stderr}`).toBe(0);
    expect((JSON.parse(second.stdout) as DeployResult).steps.filter(({ is }) => is === 'changed').map(({ step }) => step).sort()).toEqual(['app', 'lock', 'namespaces']);
    expect(second.stderr).toContain('dapr was not looked at: only an administrator may see what Helm keeps in dapr-system');
    expect(replicas()).toBe('2');
    const third = await stage.todoctl(DEPLOY, { KUBECONFIG: ci });
    expect((JSON.parse(third.stdout) as DeployResult).changed, third.stderr).toBe(0);
  });

  test('a new topic is his to make, and an old one to remove', async () => {
    await stage.define(ACCESS, { web: { route: '/', replicas: 2, publishes: ['task-events'] } });
    expect((await stage.todoctl(DEPLOY, { KUBECONFIG: ci })).code).toBe(0);
    expect(kubectl(['get', 'kafkausers', '-n', 'todo', '-o', 'name'])).toContain('/web');
    await stage.define(ACCESS, { web: { route: '/', replicas: 2 } });
    expect((await stage.todoctl(DEPLOY, { KUBECONFIG: ci })).code).toBe(0);
    expect(kubectl(['get', 'kafkausers', '-n', 'todo', '-o', 'name'])).not.toContain('/web');
  });

  test('he scales, rolls back, looks and reaches pods', async () => {
    const as = { KUBECONFIG: ci };
    const scaled = await stage.todoctl(['scale', 'web', '--replicas', '3', '--env', 'far', '--json'], as);
    expect([scaled.code, replicas()], scaled.stdout).toEqual([0, '3']);
    const back = await stage.todoctl(['rollback', '--env', 'far', '--yes', '--json'], as);
    expect(back.code, `${back.stdout}${back.stderr}`).toBe(0);
    const status = await stage.todoctl(['status', '--env', 'far', '--json'], as);
    expect(status.stdout, status.stderr).toContain('task-api');
    startBroker();
    // Nobody runs pods here: who may reach one hears that it has no node, or is not there, and who may not hears which right it takes.
    expect(await forwarding(ci, 'todo')).toMatch(/^ForwardFailed/);
    expect(await forwarding(ci, 'plain')).toBe('TODOCTL_FORWARD_FORBIDDEN: it takes the verbs get and create on pods/portforward');
    const tail = await stage.todoctl(['events', 'tail', 'task-events', '--env', 'far', '--json'], as);
    expect(errorOf(tail).code, tail.stdout).toBe('TODOCTL_KAFKA_UNREACHABLE');
    expect(await forwarding(guests, 'todo')).toBe('TODOCTL_FORWARD_FORBIDDEN: it takes the verbs get and create on pods/portforward');
  });

  test('who only looks is refused every change by name, and nothing is changed', async () => {
    const deploy = await refused(DEPLOY, guests);
    expect(deploy.details).toContain('in kube-system: create leases.coordination.k8s.io');
    expect(deploy.details).toContain('in kube-system: get, patch, delete leases.coordination.k8s.io (todoctl-todo-far)');
    expect(deploy.details.find((line) => line.startsWith('in todo: patch'))).toContain('deployments.apps');
    expect(deploy.next[0]).toContain('todoctl render --env far --only access');
    expect((await refused(['rollback', '--env', 'far', '--yes', '--json'], guests)).message).toContain('What Helm keeps of todo may not be read');
    expect((await refused(['scale', 'web', '--replicas', '1', '--env', 'far', '--json'], guests)).message).toContain('You may not');
    expect((await refused(['events', 'tail', 'task-events', '--env', 'far', '--json'], guests)).message).toContain('You may not read the Secret');
    expect((await refused(DEPLOY, plain)).message).toContain('You may not do all that a deploy does');
  });

  test('a chart more, or all to be gone, is an administrator’s again', async () => {
    expect((await refused(['teardown', '--env', 'far', '--yes', '--json'], ci)).details).toEqual([
      'in the whole cluster: list, delete secrets, persistentvolumeclaims, clusterroles.rbac.authorization.k8s.io',
      'in the whole cluster: delete namespaces, customresourcedefinitions.apiextensions.k8s.io',
    ]);
    await stage.define({ ...ACCESS, chaos: {} });
    const { details } = await refused(DEPLOY, ci);
    expect(details[0]).toBe('not installed yet: chaos-mesh');
  });
});

/** A broker's pod, which nobody runs. Nobody counts either what a namespace uses, and until somebody has, no pod is let in. */
function startBroker(): void {
  const [quota] = (JSON.parse(kubectl(['get', 'resourcequotas', '-n', 'todo', '-o', 'json'])) as { items: { metadata: { name: string }; spec: { hard: Record<string, string> } }[] }).items;
  const status = { hard: quota?.spec.hard, used: Object.fromEntries(Object.keys(quota?.spec.hard ?? {}).map((key) => [key, '0'])) };
  kubectl(['patch', 'resourcequota', quota?.metadata.name ?? '', '-n', 'todo', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  const labels = { 'strimzi.io/cluster': 'todo', 'strimzi.io/kind': 'Kafka', 'strimzi.io/broker-role': 'true' };
  const securityContext = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };
  kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'todo-broker-0', namespace: 'todo', labels }, spec: { containers: [{ name: 'kafka', image: 'kafka', securityContext }] } }));
}

async function forwarding(kubeconfig: string, namespace: string): Promise<string> {
  const signal = new AbortController().signal;
  using kubernetes = new Kubernetes(await readKubeconfig([kubeconfig]), { env: {}, redactor: new Redactor(), stop: signal });
  try {
    await forwardPort(kubernetes, { namespace, pod: 'todo-broker-0', port: 9093 }, signal);
    return 'connected';
  } catch (error) {
    return error instanceof TodoctlError ? `${error.code}: ${error.details.at(-1)}` : String(error);
  }
}
