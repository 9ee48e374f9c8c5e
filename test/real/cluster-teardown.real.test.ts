// Teardown of an environment in a cluster that exists: a real API server with the controllers that remove, Helm, and Strimzi's stand-in.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { startStrimzi, type Strimzi } from '../simulators/strimzi/strimzi.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { applyAll, desiredIn } from '../support/applied.ts';
import { type Controllers, startControllers } from '../support/controllers.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { until } from '../support/until.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const api = await realPart('kubernetes', startApiServer);
const helm = await realPart('helm', getHelm);
const crds = crdFiles();
const able = api !== undefined && helm !== undefined && crds !== undefined;

const project = mkdtempSync(path.join(tmpdir(), 'teardown-'));
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const names = (kind: string, ...args: string[]): string[] => kubectl(['get', kind, ...args, '-o', 'name']).trim().split('\n').filter(Boolean).map((name) => name.split('/').at(-1) ?? '');
let controllers: Controllers;
let strimzi: Strimzi | undefined;

interface Ran { code: number | null; stdout: string; stderr: string }

function todoctl(args: readonly string[], watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void): Promise<Ran> {
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/dev.js'), ...args], {
    cwd: project, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${path.dirname(helm?.binary ?? '')}:${process.env['PATH'] ?? ''}`, HOME: project, KUBECONFIG: api?.kubeconfig },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
    watch?.(said.stderr, (signal) => child.kill(signal));
  });
  return once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
}

function chart(name: string, text: string): string {
  const folder = path.join(project, 'charts', name);
  mkdirSync(path.join(folder, 'templates'), { recursive: true });
  writeFileSync(path.join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  writeFileSync(path.join(folder, 'templates/all.yaml'), text);
  return folder;
}

function install(release: string, namespace: string, labels?: string): void {
  const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: {{ .Release.Name }} }\nspec:\n  selector: { matchLabels: { app: a } }\n  template: { metadata: { labels: { app: a } }, spec: { containers: [{ name: a, image: a }] } }\n';
  const args = ['install', release, chart(release, text), '--namespace', namespace, ...(labels === undefined ? [] : ['--labels', labels])];
  execFileSync(helm?.binary ?? '', args, { env: { PATH: process.env['PATH'], HOME: project, KUBECONFIG: api?.kubeconfig }, stdio: 'pipe' });
}

const OURS = 'todoctl.io/platform=todo,todoctl.io/environment=far';
const object = (kind: string, name: string, namespace: string | undefined, more: object = {}, apiVersion = 'v1'): object => ({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(more as { metadata?: object }).metadata }, ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'metadata')) });
const marked = { labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'far', 'todoctl.io/system': 'app' } };
const apply = (...items: object[]): void => void kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const topic = (name: string, namespace: string): object => object('KafkaTopic', name, namespace, { metadata: { labels: { 'strimzi.io/cluster': namespace === 'todo' ? 'todo' : 'theirs' } }, spec: { partitions: 1, replicas: 1 } }, 'kafka.strimzi.io/v1');

/** The environment as a deploy leaves it, operators by small charts. */
async function deployed(): Promise<void> {
  const platform = await loadPlatform({ cwd: project, environment: 'far', env: {}, systems: SYSTEM_SCHEMAS });
  applyAll({ kubectl: (args, input) => kubectl([...args, '--force-conflicts'], input) }, await desiredIn(platform));
  install('strimzi', 'strimzi-system', OURS);
  install('todo', 'todo', OURS);
  // Added by hand, without labels: it would hold the namespace for ever.
  apply(topic('by-hand', 'todo'), object('Secret', 'postgres', 'todo', { metadata: marked }), object('PersistentVolumeClaim', 'data-postgres-0', 'todo', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }));
  await until('all topics have their operator’s finalizer', () => names('kafkatopics', '-n', 'todo').length > 1 && !kubectl(['get', 'kafkatopics', '-n', 'todo', '-o', 'jsonpath={range .items[*]}{.metadata.finalizers}|{end}']).split('|').slice(0, -1).includes(''));
}

beforeAll(async () => {
  if (!api || !able) return;
  writeFileSync(path.join(project, 'todoctl.yaml'), stringify({
    platform: 'todo', topics: { 'task-events': { key: 'task' } }, services: { 'task-api': { route: '/api', publishes: ['task-events'], database: true, scale: { min: 2, max: 4, cpu: 70 } } },
    environments: { far: { provider: 'existing', context: 'admin', auth: { jwks: 'https://id.example.com/keys' }, registry: { server: '127.0.0.1:1', repository: 'todo/todo' } } },
  }));
  applyCrds(api);
  controllers = startControllers(api);
  strimzi = await startStrimzi({ kubeconfig: api.kubeconfig, mode: { is: 'instant' } });
  // A neighbour, with names like ours and an operator of its own.
  apply(
    object('Namespace', 'todo-staging', undefined, { metadata: { labels: { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'staging' } } }),
    object('Namespace', 'theirs', undefined), object('ConfigMap', 'todo', 'theirs'), object('Secret', 'todo', 'theirs'),
    object('ClusterRole', 'todo', undefined, { rules: [] }, 'rbac.authorization.k8s.io/v1'), object('Service', 'task-api', 'theirs', { spec: { ports: [{ port: 80 }] } }),
  );
  apply(topic('task-events', 'theirs'));
  install('dapr', 'theirs');
}, 120_000);
afterAll(async () => {
  await strimzi?.stop();
  await controllers?.stop();
  await api?.stop();
  rmSync(project, { recursive: true, force: true });
}, 60_000);

// The tests build on each other: one cluster, deployed anew where it says so.
describe.skipIf(!able)('teardown', () => {
  test('of nothing is nothing', async () => {
    const ran = await todoctl(['teardown', '--env', 'far', '--yes']);
    expect([ran.code, ran.stdout]).toEqual([0, 'Nothing of far is here\n']);
  }, 60_000);

  test('without a terminal and without --yes: refused, nothing changed', async () => {
    await deployed();
    const ran = await todoctl(['teardown', '--env', 'far']);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('TODOCTL_NEEDS_YES') as string]);
    expect(names('kafkatopics', '-n', 'todo')).toContain('task-events');
  }, 120_000);

  test('a dry run names what would go, and leaves it', async () => {
    const ran = await todoctl(['teardown', '--env', 'far', '--dry-run']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/Would remove far\n(?:.*\n)*.*3 topics: .*by-hand/);
    expect(ran.stdout).toContain('Helm releases: strimzi, todo');
    expect(names('namespaces')).toContain('todo');
  }, 60_000);

  test('status says what is there', async () => {
    const { processes } = JSON.parse((await todoctl(['status', '--env', 'far', '--json'])).stdout) as { processes: { name: string; kind: string; replicas?: string; state: string }[] };
    expect(processes).toContainEqual(expect.objectContaining({ name: 'task-api', kind: 'service', state: 'starting', replicas: expect.stringMatching(/^0\//) as string }));
    expect(processes).toContainEqual(expect.objectContaining({ name: 'postgres', kind: 'database' }));
  }, 60_000);

  test('killed in the middle and run again: all of ours is gone, all of the neighbours’ is there', async () => {
    const killed = await todoctl(['teardown', '--env', 'far', '--yes'], (stderr, kill) => {
      if (/Remove the services/.test(stderr)) kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    const ran = await todoctl(['teardown', '--env', 'far', '--yes', '--json']);
    expect([ran.code, ran.stderr]).toEqual([0, expect.anything()]);
    expect(names('namespaces').sort()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system', 'theirs', 'todo-staging']);
    expect(names('leases', '-n', 'kube-system').filter((name) => name.startsWith('todoctl'))).toEqual([]);
    expect([names('configmaps', '-n', 'theirs'), names('services', '-n', 'theirs'), names('kafkatopics', '-n', 'theirs'), names('deployments', '-n', 'theirs')]).toEqual([expect.arrayContaining(['todo']), ['task-api'], ['task-events'], ['dapr']]);
    expect(names('clusterroles')).toContain('todo');
    expect(names('clusterroles', '-l', OURS)).toEqual([]);
  }, 240_000);

  test('a finalizer that nobody takes away is named, with the command that does', async () => {
    await deployed();
    await strimzi?.stop();
    strimzi = undefined;
    const ran = await todoctl(['teardown', '--env', 'far', '--yes'], (stderr, kill) => {
      if (/held by the finalizer strimzi\.io\/topic-operator/.test(stderr)) kill('SIGINT');
    });
    expect(ran.stderr).toContain('KafkaTopic todo/');
    expect(names('kafkatopics', '-n', 'todo')).toContain('task-events');
    for (const name of names('kafkatopics', '-n', 'todo')) kubectl(['patch', 'kafkatopics.kafka.strimzi.io', name, '-n', 'todo', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    expect((await todoctl(['teardown', '--env', 'far', '--yes'])).code).toBe(0);
    expect(names('namespaces')).not.toContain('todo');
  }, 240_000);
});
