// `todoctl deploy` into a cluster: a real API server and real Helm, operators and pods that are ready at once. Killed and interrupted
// anywhere, two at once, beside other people's things; and how little it asks when nothing is to do.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeployResult } from '../../cli/operations/deploy.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { type ClusterStage, openClusterStage } from '../support/cluster-stage.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import type { Ran, Running } from '../support/todoctl.ts';
import { getHelm, type Helm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const helm = await realPart('helm', getHelm);
const api = helm && (await realPart('kubernetes', startApiServer));
const can = helm !== undefined && api !== undefined && crdFiles() !== undefined;
/** Which steps are killed and which are interrupted. */
const seed = Number(process.env['TODOCTL_SEED'] ?? Date.now() % 2);
const DEPLOY = ['deploy', '--env', 'far', '--skip', 'smoke', '--json'];
let stage: ClusterStage;

const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const deploy = (env?: NodeJS.ProcessEnv): Promise<Ran> => stage.todoctl(DEPLOY, env);
const resultOf = ({ code, stdout, stderr }: Ran): DeployResult => {
  expect([code, stderr.includes('TODOCTL_BUG')], `${stderr}\n${stdout}`).toEqual([0, false]);
  return JSON.parse(stdout) as DeployResult;
};
const codeOf = ({ stdout }: Ran): string => (JSON.parse(stdout) as { error: { code: string } }).error.code;
const releases = (): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(kubectl(['get', 'secrets', '-A', '-l', 'owner=helm', '-o', 'json'])) as { items: { metadata: { labels: Record<string, string> } }[] }).items.map(({ metadata: { labels } }) => [`${labels['name']}.${labels['version']}`, labels['status'] ?? '']),
  );
const newestOf = (release: string): { revision: number; status: string } =>
  Object.entries(releases()).filter(([name]) => name.startsWith(`${release}.`)).map(([name, status]) => ({ revision: Number(name.split('.')[1]), status })).sort((a, b) => b.revision - a.revision)[0] ?? { revision: 0, status: 'none' };
const newestLeaseHolder = (): string | undefined => kubectl(['get', 'leases', '-n', 'kube-system', '-o', 'jsonpath={.items[?(@.metadata.name=="todoctl-todo-far")].spec.holderIdentity}']) || undefined;
const secretsOf = (): string => kubectl(['get', 'secrets', '-n', 'todo', '-l', 'todoctl.io/platform=todo,owner!=helm', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.data}{"\\n"}{end}']);

/** Waits for an event that a deploy tells, or for its end. */
function heard({ child }: Running, of: (event: { step?: string; is?: string }) => boolean): Promise<void> {
  return new Promise((resolve) => {
    createInterface(child.stderr as Readable).on('close', resolve).on('line', (line) => {
      if (line.startsWith('{"time"') && of(JSON.parse(line) as object)) resolve();
    });
  });
}

/** Ends a deploy within a step: at the first change that the cluster has made after the step has begun, or where it makes none, at its end. */
async function endedAt(step: string, signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
  const running = stage.todoctl(DEPLOY);
  let within = false;
  // Once: a second Ctrl-C means to leave at once.
  const end = (): boolean => within && !running.child.killed && running.child.kill(signal);
  stage.api.onChange = end;
  await heard(running, (event) => {
    if (event.step === step && event.is !== 'started') end();
    return (within ||= event.step === step) && running.child.killed;
  });
  const ran = await running;
  stage.api.onChange = () => undefined;
  // Who is asked to stop in the last step has nothing left to stop.
  if (signal === 'SIGKILL') expect(ran.signal, step).toBe(signal);
  else expect([0, 130], `${step}: ${ran.stderr}`).toContain(ran.code);
}

interface Record_ {
  version: number;
  info: { status: string };
}

/** Rewrites what Helm keeps of a release, as a helm that was killed leaves it, and says which process that was. */
async function pending(release: string, namespace: string, status: string, from: number, to: number): Promise<void> {
  const running = path.join(stage.project, '.todoctl/far/helm/running');
  await mkdir(running, { recursive: true });
  await writeFile(path.join(running, `${release}.json`), JSON.stringify({ pid: 1, start: '1', boot: 'of a machine that was started anew' }));
  const secret = JSON.parse(kubectl(['get', 'secret', `sh.helm.release.v1.${release}.v${from}`, '-n', namespace, '-o', 'json'])) as { type: string; metadata: { labels: Record<string, string> }; data: { release: string } };
  const record = JSON.parse(gunzipSync(Buffer.from(Buffer.from(secret.data.release, 'base64').toString(), 'base64')).toString()) as Record_;
  const data = Buffer.from(gzipSync(JSON.stringify({ ...record, version: to, info: { ...record.info, status } })).toString('base64')).toString('base64');
  const labels = { ...secret.metadata.labels, status, version: String(to) };
  if (from === to) kubectl(['delete', 'secret', `sh.helm.release.v1.${release}.v${from}`, '-n', namespace]);
  kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type: secret.type, metadata: { name: `sh.helm.release.v1.${release}.v${to}`, namespace, labels }, data: { release: data } }));
}

beforeAll(async () => {
  if (!can) return;
  applyCrds(api);
  stage = await openClusterStage(api, helm);
});
afterAll(async () => {
  await stage?.stop();
  await api?.stop();
});

// The tests build on each other: each leaves the cluster to the next as it is named.
describe.skipIf(!can)('deploy', { timeout: 300_000 }, () => {
  test('a dry run of an empty cluster changes nothing', async () => {
    const before = stage.api.requests.length;
    expect(resultOf(await stage.todoctl([...DEPLOY, '--dry-run'])).changed).toBeGreaterThan(5);
    const changes = stage.api.requests.slice(before).filter((request) => !/^(?:GET|PATCH) |selfsubjectaccessreviews$/.test(request));
    expect(changes).toEqual([]);
    expect(kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('namespace/todo');
  });

  test(`killed and interrupted from step to step, and run again: it converges, and nothing is made twice (TODOCTL_SEED=${seed})`, async () => {
    let secrets = '';
    const kills: string[] = [];
    const STEPS = ['lock', 'look', 'namespaces', 'crds-strimzi', 'secrets', 'helm-strimzi', 'crds-dapr', 'helm-dapr', 'helm-jaeger', 'kafka', 'postgres', 'access', 'app', 'service-web', 'entrance', 'prune'];
    for (const [index, step] of STEPS.entries()) {
      const signal = (index + seed) % 2 === 0 ? 'SIGKILL' : 'SIGINT';
      kills.push(`${step} (${signal})`);
      await endedAt(step, signal);
      const now = kubectl(['get', 'namespaces', '-o', 'name']).includes('namespace/todo') ? secretsOf() : '';
      for (const line of secrets.split('\n').filter(Boolean)) expect(now, `killed at ${kills.join(', ')}`).toContain(line);
      secrets = now;
    }
    const { running } = resultOf(await deploy());
    expect(running?.processes.length).toBeGreaterThan(5);
    expect(secretsOf()).toContain(secrets.trim().split('\n')[0] ?? '');
    const found = releases();
    // A helm outlives whoever started it, so each was installed once, whatever was killed.
    for (const name of ['strimzi', 'dapr', 'todo']) expect(Object.entries(found).filter(([release, status]) => release.startsWith(`${name}.`) && status === 'deployed'), `killed at ${kills.join(', ')}`).toHaveLength(1);
    expect(newestOf('todo').status).toBe('deployed');
    expect(kubectl(['get', 'leases', '-n', 'kube-system', '-o', 'name'])).not.toContain('todoctl-');
  });

  test('without changes: no helm, nothing written but the lock, and few questions', async () => {
    const [before, helms] = [stage.api.requests.length, await stage.helms()];
    expect(resultOf(await deploy())).toMatchObject({ changed: 0 });
    expect(await stage.helms()).toBe(helms);
    const asked = stage.api.requests.slice(before);
    const objects = asked.filter((request) => request.startsWith('PATCH'));
    expect(asked.filter((request) => !/^(?:GET|PATCH) /.test(request)).map((request) => request.split('/').at(-1))).toEqual(['selfsubjectaccessreviews', 'leases', 'todoctl-todo-far']);
    process.stderr.write(`a deploy without changes: ${asked.length} requests, ${objects.length} of them dry runs\n`);
    // Each kind that an environment can have is listed once, for what an earlier deploy left (nodes again at the end, for how they are); each
    // object that is not seen to be as it was applied is tried once: those of which the server writes a part in its own way.
    const lists = asked.filter((request) => /^GET \/apis?\/(?:[\w.-]+\/)?v\w+\/[a-z0-9]+$/.test(request));
    expect(lists.filter((request, index) => lists.indexOf(request) !== index && !/\/(?:namespaces|nodes)$/.test(request))).toEqual([]);
    expect(new Set(objects).size).toBe(objects.length);
    expect(objects.length).toBeLessThanOrEqual(12);
    expect(asked.length - objects.length).toBeLessThanOrEqual(130);
    // What Helm keeps of its releases is listed once, and not read.
    expect(asked.filter((request) => /\/secrets(?:$|\/sh\.helm\.)/.test(request))).toEqual(['GET /api/v1/secrets']);
    // The lock is written without a look before.
    expect(asked.filter((request) => request.includes('/leases'))).toHaveLength(3);
  });

  test('of what somebody changed by hand, that alone is put right', async () => {
    kubectl(['patch', 'kafkatopic', 'task-events', '-n', 'todo', '--type=merge', '-p', '{"spec":{"config":{"retention.ms":1}}}']);
    kubectl(['set', 'image', 'deployment/web', '-n', 'todo', 'app=example.com/other:1']);
    const { steps } = resultOf(await deploy());
    expect(steps.filter(({ is }) => is === 'changed').map(({ step }) => step).sort()).toEqual(['app', 'kafka', 'lock']);
    expect(kubectl(['get', 'deployment/web', '-n', 'todo', '-o', 'jsonpath={.spec.template.spec.containers[*].image}'])).not.toContain('example.com');
    expect(resultOf(await deploy())).toMatchObject({ changed: 0 });
  });

  test('of a release that somebody upgraded by hand: what Helm hands on of the revision before is not believed', async () => {
    const { revision } = newestOf('dapr');
    const chart = path.join(stage.project, 'charts/dapr');
    execFileSync((helm as Helm).binary, ['upgrade', 'dapr', chart, '--namespace', 'dapr-system', '--reuse-values', '--set', 'byHand=true'], { env: { KUBECONFIG: (api as ApiServer).kubeconfig, HOME: path.join(stage.project, 'home') }, stdio: 'pipe' });
    const { steps } = resultOf(await deploy());
    expect(steps.filter(({ is }) => is === 'changed')).toEqual([expect.objectContaining({ step: 'lock' }), expect.objectContaining({ step: 'helm-dapr', changes: [{ what: 'dapr would get other values' }] })]);
    expect(newestOf('dapr')).toEqual({ revision: revision + 2, status: 'deployed' });
    expect(resultOf(await deploy())).toMatchObject({ changed: 0 });
  });

  test('what an earlier deploy made and nobody wants goes; what is not ours stays', async () => {
    const labels = (platform: string): object => ({ 'todoctl.io/platform': platform, 'todoctl.io/environment': 'far', 'todoctl.io/system': 'app' });
    const map = (name: string, platform: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'todo', labels: labels(platform) } });
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [map('old', 'todo'), map('theirs', 'other')] }));
    const { steps } = resultOf(await deploy());
    expect(steps.find(({ step }) => step === 'prune')).toMatchObject({ is: 'changed', changes: [{ what: expect.stringContaining('ConfigMap todo/old') as string }] });
    expect(kubectl(['get', 'configmaps', '-n', 'todo', '-o', 'name'])).toContain('configmap/theirs');
  });

  test('Ctrl-C: what is under way is finished, no release is left pending, and the lock is given back', async () => {
    await stage.define({}, { web: { route: '/', replicas: 2 } });
    const running = stage.todoctl(DEPLOY);
    let asked = false;
    stage.api.onChange = () => {
      if (asked || !stage.api.requests.at(-1)?.includes('/secrets')) return;
      asked = true;
      running.child.kill('SIGINT');
    };
    const ran = await running;
    stage.api.onChange = () => undefined;
    expect([asked, ran.code]).toEqual([true, 130]);
    expect(newestOf('todo').status).toBe('deployed');
    expect(kubectl(['get', 'leases', '-n', 'kube-system', '-o', 'name'])).not.toContain('todoctl-');
    resultOf(await deploy());
  });

  test('two at once: the second is told who and since when, and changes nothing', async () => {
    await stage.define({}, { web: { route: '/', replicas: 3 } });
    stage.workloads.held.add('web');
    const first = stage.todoctl(DEPLOY);
    // It has the lock as long as a service is not ready.
    await heard(first, ({ step, is }) => step === 'service-web' && is === 'started');
    const second = await deploy();
    expect([second.code, codeOf(second)]).toEqual([3, 'TODOCTL_LOCKED']);
    expect(second.stdout).toMatch(new RegExp(`${userInfo().username}@${hostname()}:${first.child.pid} is changing far since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ \\(todoctl deploy\\)`));
    stage.workloads.held.delete('web');
    expect(resultOf(await first).changed).toBeGreaterThan(0);
    expect(newestLeaseHolder()).toBeUndefined();
  });

  test('who holds it on another machine is named too, and nothing is changed', async () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'todoctl-todo-far', namespace: 'kube-system', annotations: { 'todoctl.io/doing': 'deploy' } }, spec: { holderIdentity: 'ada@laptop:7', leaseDurationSeconds: 600, acquireTime: new Date().toISOString().replace('Z', '000Z'), renewTime: new Date().toISOString().replace('Z', '000Z') } };
    kubectl(['create', '-f', '-'], JSON.stringify(lease));
    const before = stage.api.requests.length;
    const ran = await deploy();
    expect([ran.code, codeOf(ran)]).toEqual([3, 'TODOCTL_LOCKED']);
    expect(ran.stdout).toContain('ada@laptop:7 is changing far since');
    // It asks for the lock, in vain, and for nothing else.
    expect(stage.api.requests.slice(before).filter((request) => !/^GET |selfsubjectaccessreviews$/.test(request))).toEqual(['POST /apis/coordination.k8s.io/v1/namespaces/kube-system/leases']);
    expect(newestLeaseHolder()).toBe('ada@laptop:7');
    kubectl(['delete', 'lease', 'todoctl-todo-far', '-n', 'kube-system']);
  });

  test('an image that may not be pulled is named with the words of who refuses it, and nobody waits for it', async () => {
    await stage.define({}, { web: { route: '/', replicas: 2 } });
    stage.workloads.held.add('web');
    const { spec: { template } } = JSON.parse(kubectl(['get', 'deployment/web', '-n', 'todo', '-o', 'json'])) as { spec: { template: { metadata: { labels: object }; spec: { containers: { name: string; image: string }[] } } } };
    const [quota] = (JSON.parse(kubectl(['get', 'resourcequotas', '-n', 'todo', '-o', 'json'])) as { items: { metadata: { name: string }; spec: { hard: Record<string, string> } }[] }).items;
    // Nobody counts here what a namespace uses, and until somebody has, no pod is let in.
    const status = { hard: quota?.spec.hard, used: Object.fromEntries(Object.keys(quota?.spec.hard ?? {}).map((key) => [key, '0'])) };
    kubectl(['patch', 'resourcequota', quota?.metadata.name ?? '', '-n', 'todo', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
    kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'todo', labels: template.metadata.labels }, spec: template.spec }));
    const [container] = template.spec.containers as [{ name: string; image: string }];
    const waiting = { name: container.name, image: container.image, imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } };
    kubectl(['patch', 'pod', 'web-1', '-n', 'todo', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { phase: 'Pending', containerStatuses: [waiting] } })]);
    const uid = kubectl(['get', 'pod', 'web-1', '-n', 'todo', '-o', 'jsonpath={.metadata.uid}']);
    kubectl(['create', '-f', '-'], JSON.stringify({
      apiVersion: 'v1', kind: 'Event', metadata: { name: 'web-1.1', namespace: 'todo' }, type: 'Warning', reason: 'Failed', count: 3, message: 'Failed to pull image: 401 Unauthorized',
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'todo', name: 'web-1', uid }, firstTimestamp: new Date().toISOString(), lastTimestamp: new Date().toISOString(),
    }));
    const ran = await deploy();
    stage.workloads.held.delete('web');
    kubectl(['delete', 'pod', 'web-1', '-n', 'todo', '--force', '--grace-period=0']);
    expect([ran.code, codeOf(ran)]).toEqual([5, 'TODOCTL_WORKLOAD_FAILING']);
    expect(ran.stdout).toContain(`${container.image} cannot be pulled: Failed to pull image: 401 Unauthorized`);
  });

  test('an upgrade that was ended midway goes back to what was there, and is done again', async () => {
    const newest = newestOf('todo').revision;
    await pending('todo', 'todo', 'pending-upgrade', newest, newest + 1);
    const ran = await deploy();
    resultOf(ran);
    expect(ran.stderr).toMatch(new RegExp(`todo is pending-upgrade since [\\dT:-]+Z: the helm that did it was ended; back to revision ${newest}`));
    expect(newestOf('todo')).toEqual({ revision: newest + 3, status: 'deployed' });
  });

  test('a first installation that was ended midway is removed, and done again', async () => {
    await pending('jaeger', 'tracing', 'pending-install', 1, 1);
    const ran = await deploy();
    resultOf(ran);
    expect(ran.stderr).toMatch(/jaeger is pending-install since [\dT:-]+Z: the helm that did it was ended; removed, to be installed anew/);
    expect(releases()['jaeger.1']).toBe('deployed');
  });

  test('a release of that name that is not ours is refused', async () => {
    kubectl(['label', 'secret', 'sh.helm.release.v1.jaeger.v1', '-n', 'tracing', 'todoctl.io/platform-', 'todoctl.io/environment-']);
    const ran = await deploy();
    expect([ran.code, codeOf(ran)]).toEqual([3, 'TODOCTL_RELEASE_FOREIGN']);
    kubectl(['label', 'secret', 'sh.helm.release.v1.jaeger.v1', '-n', 'tracing', 'todoctl.io/platform=todo', 'todoctl.io/environment=far']);
  });

  test('another cluster, be it the current one of KUBECONFIG, is never asked', async () => {
    let touched = 0;
    const canary = net.createServer((socket) => void (touched++, socket.destroy()));
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const file = path.join(stage.project, 'other-kubeconfig');
    const { port } = canary.address() as AddressInfo;
    await writeFile(file, JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'canary', contexts: [{ name: 'canary', context: { cluster: 'canary', user: 'canary' } }],
      clusters: [{ name: 'canary', cluster: { server: `http://127.0.0.1:${port}` } }], users: [{ name: 'canary', user: { token: 'x' } }],
    }));
    await stage.define({}, { web: { route: '/', replicas: 4 } });
    const { changed } = resultOf(await deploy({ KUBECONFIG: `${file}:${stage.api.kubeconfig}`, HELM_KUBECONTEXT: 'canary', HELM_KUBEAPISERVER: `http://127.0.0.1:${port}` }));
    expect([changed > 0, touched]).toEqual([true, 0]);
    canary.close();
  });

  test('a protected environment without a terminal and without --yes: exit code 2, and nothing is asked', async () => {
    await stage.define({ protected: true });
    const before = stage.api.requests.length;
    const ran = await deploy();
    expect([ran.code, codeOf(ran)]).toEqual([2, 'TODOCTL_NEEDS_YES']);
    expect(stage.api.requests.length).toBe(before);
    await stage.define();
  });

  test('a namespace that is stuck on a finalizer is named, with who holds it and the way out', async () => {
    kubectl(['delete', 'namespace', 'tracing', '--wait=false']);
    const conditions = [
      { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: 'Some resources are remaining: kafkatopics.kafka.strimzi.io has 2 resource instances', lastTransitionTime: new Date().toISOString() },
      { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message: 'Some content in the namespace has finalizers remaining: strimzi.io/topic-operator in 2 resource instances', lastTransitionTime: new Date().toISOString() },
    ];
    kubectl(['patch', 'namespace', 'tracing', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { conditions } })]);
    const ran = await stage.todoctl([...DEPLOY, '--timeout', '20s']);
    expect([ran.code, codeOf(ran)]).toEqual([3, 'TODOCTL_NAMESPACE_STUCK']);
    expect(ran.stdout).toContain('kubectl get kafkatopics.kafka.strimzi.io --namespace tracing');
    expect(ran.stderr).toContain('the namespace tracing is still being deleted: Some resources are remaining');
  });
});
