// The four lines of the mission on a real node: this project's own image, built by Docker and pulled from a registry; Kafka, PostgreSQL,
// Dapr with its sidecars, Traefik as the front door; and each command that a person uses from then on. The tests go on from one another.
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFailed, test } from 'vitest';
import { type Pod, statusesOf } from '../support/pods.ts';
import { type Todoctl, todoctlIn } from '../support/todoctl.ts';
import { until } from '../support/until.ts';
import { type NodeStage, openNodeStage } from './node-stage.ts';

/** Nothing here takes minutes on a quiet machine, and everything may on a loaded one. */
const IN_TIME_MS = 600_000;
const REAL = ['--env', 'real'];
const SERVICES = ['audit', 'realtime', 'recurrence', 'task-api', 'web'];
const seed = Number(process.env['TODOCTL_SEED'] ?? Date.now() % 100_000);

const stage = await openNodeStage();

afterAll(async () => {
  await stage?.node[Symbol.asyncDispose]();
}, IN_TIME_MS);

describe.skipIf(!stage)(`the platform on a real node (TODOCTL_SEED=${seed})`, () => {
  // Without the parts nothing below runs, but it is read.
  const { platform, node, registry, docker, door, helm } = (stage ?? { platform: { folder: '' }, node: {}, registry: {} }) as NodeStage;
  const { folder, env, tokenOf } = platform;
  const { kubectl, apply, ground } = node;
  const { server } = registry;
  const entrance = `http://${door?.address}`;
  const helmCalls = path.join(folder, 'helm-calls');
  const at = numbersFrom(seed);
  let todoctl: Todoctl;

  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await kubectl([...args, '-o', 'json'])) as T;
  const pods = async (namespace = 'todo', ...args: string[]): Promise<Pod[]> => (await json<{ items: Pod[] }>('get', 'pods', '-n', namespace, ...args)).items;
  const names = async (kind: string, ...args: string[]): Promise<string[]> => (await kubectl(['get', kind, ...args, '-o', 'name'])).trim().split('\n').filter(Boolean).map((name) => name.split('/').at(-1) ?? '').sort();
  const ask = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })).text();
  const helmRuns = (): number => readFileSync(helmCalls, 'utf8').split('\n').length;
  /** Helm releases with their last revision and what became of it. */
  const releases = async (): Promise<string[]> => {
    const { items } = await json<{ items: { metadata: { labels: Record<string, string> } }[] }>('get', 'secrets', '-A', '-l', 'owner=helm');
    return items.map(({ metadata: { labels } }) => `${labels['name']} ${labels['version']} ${labels['status']}`).sort();
  };
  const changePage = (title: string): void => {
    const file = path.join(folder, 'services/web/public/index.html');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/<title>.*<\/title>/, `<title>${title}</title>`));
  };
  const pageIs = (title: string): Promise<unknown> => until(`the page is ${title}`, async () => (await ask(`${entrance}/`).catch(() => '')).includes(`<title>${title}</title>`), IN_TIME_MS);

  /** What status says once all is ready: an autoscaler may be adding a pod just now. */
  const allReady = (): Promise<string> => until('all is ready', async () => {
    const { code, stdout } = await todoctl.run('status', ...REAL, '--json');
    return code === 0 && stdout;
  }, IN_TIME_MS);

  test('images build and push: our image is made by Docker and kept by the registry, once for all services', async () => {
    // What starts helm is written down; otherwise it is helm itself.
    mkdirSync(path.join(folder, 'bin'));
    const wrapper = path.join(folder, 'bin/helm');
    writeFileSync(wrapper, `#!/bin/sh\necho "$*" >> ${helmCalls}\nexec ${helm.binary} "$@"\n`);
    chmodSync(wrapper, 0o755);
    appendFileSync(helmCalls, '');
    todoctl = todoctlIn(folder, { PATH: `${path.dirname(wrapper)}:${process.env['PATH'] ?? ''}`, HOME: folder, ...env, ...docker.env, SMOKE_TOKEN: await tokenOf('todoctl-smoke') });

    expect(await todoctl.must(0, 'images', 'build', ...REAL)).toMatch(/^Built +\S+\/todo:image-/);
    const pushed = JSON.parse(await todoctl.must(0, 'images', 'push', ...REAL, '--json')) as { sent: boolean; services: { service: string; tag: string }[] };
    expect(pushed.services.map(({ service }) => service).sort()).toEqual(SERVICES);
    const { tags } = JSON.parse(await ask(`http://${server}/v2/todo/tags/list`)) as { tags: string[] };
    expect(tags).toEqual(expect.arrayContaining(pushed.services.map(({ tag }) => tag)));
  }, IN_TIME_MS);

  test('deploy killed in the middle of Helm, again in the middle of Kafka, and run once more: all of it is there, nothing twice', async () => {
    // Which chart, how far, and whether its helm dies too.
    const [chart, moment, helmToo] = [at() < 0.5 ? 'strimzi' : 'dapr', at() * 600, at() < 0.5];
    const child = path.join(folder, '.todoctl/real/helm/running', `${chart}.json`);
    process.stderr.write(`seed ${seed}: killed ${Math.round(moment)} ms into the chart ${chart}${helmToo ? ', and its helm too' : ''}\n`);
    await todoctl.kill(['deploy', ...REAL], `helm works at ${chart}`, () => existsSync(child) && readFileSync(child, 'utf8') !== '' && pause(moment, true), IN_TIME_MS);
    if (helmToo && existsSync(child)) end((JSON.parse(readFileSync(child, 'utf8')) as { pid: number }).pid);

    const later = at() * 6000;
    process.stderr.write(`seed ${seed}: killed ${Math.round(later)} ms into Kafka\n`);
    await todoctl.kill(['deploy', ...REAL], 'Kafka is being made', ({ said }) => /waiting +Kafka, topics and users/.test(said.stderr) && pause(later, true), IN_TIME_MS);
    const made = await kubectl(['get', 'kafka/todo', 'secret/postgres', '-n', 'todo', '-o', 'jsonpath={.items[*].metadata.uid}']);

    const said = await todoctl.must(0, 'deploy', ...REAL);
    expect(said).toMatch(/^Ready +real in /);
    expect(said).toContain(`Entrance  ${entrance}/`);
    expect(await kubectl(['get', 'kafka/todo', 'secret/postgres', '-n', 'todo', '-o', 'jsonpath={.items[*].metadata.uid}'])).toBe(made);
    expect((await releases()).filter((release) => !release.endsWith('superseded')).map((release) => release.split(' ').filter((_, index) => index !== 1))).toEqual([['dapr', 'deployed'], ['strimzi', 'deployed'], ['todo', 'deployed']]);
    expect(await names('leases', '-n', 'kube-system', '-l', 'todoctl.io/platform')).toEqual([]);
  }, IN_TIME_MS);

  test('each pod is a container of the node: two of each service with a sidecar that has a certificate, Kafka, PostgreSQL, Dapr', async () => {
    const all = [...(await pods()), ...(await pods('dapr-system'))];
    const containers = all.flatMap(statusesOf);
    for (const { containerID } of containers) expect(containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(new Set(containers.map(({ containerID }) => containerID)).size).toBe(containers.length);
    for (const service of SERVICES) {
      const own = await pods('todo', '-l', `app.kubernetes.io/name=${service}`, '--field-selector=status.phase=Running');
      expect(own.length).toBeGreaterThanOrEqual(2);
      for (const pod of own) {
        expect(statusesOf(pod).map(({ name }) => name).sort()).toEqual(service === 'web' ? ['app'] : ['app', 'daprd']);
        expect(pod.spec.containers.find(({ name }) => name === 'app')?.image).toMatch(new RegExp(`^${server}/todo:`));
      }
    }
    expect(all.map(({ metadata: { name } }) => name)).toEqual(expect.arrayContaining(['postgres-0', 'todo-kafka-0', 'dapr-placement-server-0']));
    const [api] = await pods('todo', '-l', 'app.kubernetes.io/name=task-api', '--field-selector=status.phase=Running');
    // Whom it talks to is in the certificate, and who has none of Sentry's does not get in.
    const seen = await ground.exec(process.execPath, ['-e', `const socket = require('tls').connect({ host: '${api?.status.podIP}', port: 50002, ALPNProtocols: ['h2'], rejectUnauthorized: false });
socket.on('secureConnect', () => console.log(socket.getPeerCertificate().subjectaltname)).on('error', (error) => console.log(error.code)).resume();`]);
    expect(seen.trim().split('\n')).toEqual([expect.stringContaining('URI:spiffe://public/ns/todo/task-api'), 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']);
  }, IN_TIME_MS);

  test('smoke, and a task made through the front door is seen by events tail from outside the cluster', async () => {
    const { checks, notes } = JSON.parse(await todoctl.must(0, 'smoke', ...REAL, '--json')) as { checks: { step: string }[]; notes: string[] };
    expect([checks.map(({ step }) => step).sort(), notes]).toEqual([['smoke-health', 'smoke-page', 'smoke-task'], []]);
    await pageIs('Tasks');

    // From the beginning: so it does not matter whether tail or the task is quicker.
    const tail = todoctl.start('events', 'tail', 'task-events', ...REAL, '--json', '--from', 'beginning', '--where', 'data.title = SeenFromOutside', '--limit', '1');
    const authorization = `Bearer ${await tokenOf('ada')}`;
    expect(await ask(`${entrance}/api/tasks`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).toContain('token');
    const made = await ask(`${entrance}/api/tasks`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ title: 'SeenFromOutside' }) });
    const { code, stdout, stderr } = await tail;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 event seen') as string });
    expect(JSON.parse(stdout)).toMatchObject({ topic: 'task-events', key: (JSON.parse(made) as { id: string }).id });
    const seen = await todoctl.must(0, 'events', 'tail', 'task-events', ...REAL, '--from', 'beginning', '--no-follow');
    expect(seen).toContain('task.created');
  }, IN_TIME_MS);

  test('a second deploy changes nothing and starts no helm', async () => {
    const [before, kept] = [helmRuns(), await releases()];
    const result = JSON.parse(await todoctl.must(0, 'deploy', ...REAL, '--json')) as { changed: number; steps: { step: string; is: string }[] };
    expect(result.steps.filter(({ is, step }) => is === 'changed' && step !== 'lock')).toEqual([]);
    expect(result.changed).toBe(0);
    expect([helmRuns(), await releases()]).toEqual([before, kept]);
  }, IN_TIME_MS);

  test('status, logs and open', async () => {
    const status = JSON.parse(await allReady()) as { ready: boolean; processes: { name: string; state: string; replicas?: string }[] };
    expect(status.ready).toBe(true);
    expect(status.processes.filter(({ state }) => state !== 'ready')).toEqual([]);
    for (const name of [...SERVICES, 'task-api.dapr']) expect(status.processes.find((process) => process.name === name)?.replicas).toMatch(/^([23])\/\1$/);

    expect(await todoctl.must(0, 'logs', 'task-api', ...REAL)).toMatch(/task-api-\S+ info +request .*method=POST route=\/api\/tasks status=201/);
    expect(await todoctl.must(0, 'logs', 'task-api', ...REAL, '--sidecar', '--since', '1h')).toMatch(/task-api-\S+ info +.*scope=dapr\.runtime/);
    const recent = await todoctl.must(0, 'logs', 'task-api', ...REAL, '--since', '1s', '--json');
    for (const line of recent.trim().split('\n').filter(Boolean)) expect(JSON.parse(line)).toHaveProperty('process');

    const open = todoctl.start('open', 'task-api', ...REAL, '--print');
    const url = await until('it says where', () => /http:\/\/127\.0\.0\.1:\d+\//.exec(open.said.stdout)?.[0], IN_TIME_MS);
    expect(JSON.parse(await ask(`${url}api/health`))).toMatchObject({ status: 'ready' });
    open.child.kill('SIGINT');
    expect((await open).code).toBe(0);
  }, IN_TIME_MS);

  test('scale: as many are there as it says, until the next deploy', async () => {
    expect(await todoctl.must(0, 'scale', 'audit', ...REAL, '--replicas', '3')).toContain('The next todoctl deploy --env real sets what todoctl.yaml says');
    expect(await pods('todo', '-l', 'app.kubernetes.io/name=audit', '--field-selector=status.phase=Running')).toHaveLength(3);
  }, IN_TIME_MS);

  test('a changed service is deployed alone, and rollback takes it back', async () => {
    const others = async (): Promise<string[]> => (await pods('todo', '-l', 'app.kubernetes.io/name=realtime')).map(({ metadata: { uid } }) => uid).sort();
    const before = await others();
    changePage('Changed');
    const result = JSON.parse(await todoctl.must(0, 'deploy', ...REAL, '--json')) as { steps: { step: string; is: string }[] };
    expect(result.steps.filter(({ is }) => is === 'changed').map(({ step }) => step)).toEqual(expect.arrayContaining(['images', 'app']));
    await pageIs('Changed');
    expect(await others()).toEqual(expect.arrayContaining(before));
    expect(await todoctl.must(0, 'rollback', ...REAL, '--yes')).toMatch(/^Back +real is as of revision 1 /);
    await pageIs('Tasks');
    expect(await todoctl.must(0, 'rollback', ...REAL, '--list')).toMatch(/3 +deployed .*\n +2 +superseded .*\n +1 +superseded/);
  }, IN_TIME_MS);

  test('doctor is green, and red with the pod that was broken; the next deploy puts it right', async () => {
    onTestFailed(async () => void process.stderr.write(await kubectl(['get', 'pods', '-A'])));
    const { checks } = await until('what was rolled back has settled', async () => {
      const { code, stdout } = await todoctl.run('doctor', ...REAL, '--json');
      return code === 0 && (JSON.parse(stdout) as { checks: { title: string; ok: boolean }[] });
    }, IN_TIME_MS);
    expect(checks.length).toBeGreaterThan(20);

    await kubectl(['set', 'image', '-n', 'todo', 'deployment/web', `app=${server}/todo:missing`]);
    await until('the image is not had', async () => (await pods('todo', '-l', 'app.kubernetes.io/name=web')).some(({ status }) => /ImagePull/.test(JSON.stringify(status))), IN_TIME_MS);
    const broken = await todoctl.run('doctor', ...REAL, '--json');
    const red = (JSON.parse(broken.stdout) as { checks: { title: string; ok: boolean; message?: string; next?: string[] }[] }).checks.filter(({ ok }) => !ok);
    expect(broken.code).toBe(3);
    expect(red).toContainEqual(expect.objectContaining({ title: 'Images can be pulled', message: expect.stringMatching(/web-\S+: app: .*todo:missing/) as string }));
    expect((await todoctl.run('status', ...REAL)).code).toBe(6);

    await todoctl.must(0, 'deploy', ...REAL);
    await allReady();
    await pageIs('Changed');
  }, IN_TIME_MS);

  test('teardown killed in the middle and run again: nothing of ours is left, all of a neighbour’s is there', async () => {
    await apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'neighbour' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'todo', namespace: 'neighbour', labels: { app: 'todo' } }, data: { is: 'theirs' } },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'todo-theirs' }, rules: [] },
    ]);
    const points = ['Remove the services', 'Close the entrance', 'Remove topics and users', 'Remove Kafka', 'Uninstall the Helm releases', 'Remove the disks'];
    const point = points[Math.floor(at() * points.length)] ?? '';
    process.stderr.write(`seed ${seed}: killed at “${point}”\n`);
    await todoctl.kill(['teardown', ...REAL, '--yes'], point, ({ said }) => said.stderr.includes(point), IN_TIME_MS);

    const receipt = await todoctl.must(0, 'teardown', ...REAL, '--yes');
    expect(receipt).toMatch(/^Gone +real/);
    expect(receipt).toMatch(/Left +nothing/);
    expect(await names('namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system', 'neighbour']);
    expect(await names('configmaps', '-n', 'neighbour')).toContain('todo');
    expect((await names('clusterroles')).filter((name) => /^(?:todo|dapr)/.test(name))).toEqual(['todo-theirs']);
    expect(await names('persistentvolumes')).toEqual([]);
    expect((await names('customresourcedefinitions')).filter((name) => !name.endsWith('gateway.networking.k8s.io'))).toEqual([]);
    expect((await names('mutatingwebhookconfigurations')).concat(await names('leases', '-n', 'kube-system')).filter((name) => /dapr|todoctl/.test(name))).toEqual([]);
    expect(existsSync(path.join(folder, '.todoctl/real')) ? readdirSync(path.join(folder, '.todoctl/real')).filter((name) => name === 'kubeconfig') : []).toEqual([]);
    expect(await todoctl.must(0, 'teardown', ...REAL, '--yes')).toBe('Nothing of real is here\n');
  }, IN_TIME_MS);
});

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Ends a process that may just have ended by itself. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
