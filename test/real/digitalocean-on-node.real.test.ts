// The four lines of the mission at DigitalOcean: its API is simulated, all behind it is real. Its cluster is a node with Dapr, Kafka and
// our image from a registry, its database a PostgreSQL that takes TLS alone, its load balancer a relay. The tests go on from one another.
import { statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterCreateResult } from '../../cli/operations/cluster/create.ts';
import type { CostResult } from '../../cli/operations/cost.ts';
import type { DeployResult } from '../../cli/operations/deploy.ts';
import type { StatusResult } from '../../cli/operations/status.ts';
import type { TeardownResult } from '../../cli/operations/teardown.ts';
import { type CertManager, startCertManager } from '../simulators/cert-manager/cert-manager.ts';
import { selfSigned } from '../support/certificate.ts';
import { oursIn, theirsIn } from '../support/digitalocean-account.ts';
import { balancedBy, type DigitalOceanOnNode, startDigitalOceanOn } from '../support/node/digitalocean.ts';
import { isReady, type Pod, statusesOf } from '../support/pods.ts';
import { type Todoctl, todoctlIn } from '../support/todoctl.ts';
import { until } from '../support/until.ts';
import { openNodeStage, type NodeStage } from './node-stage.ts';

/** Nothing here takes minutes on a quiet machine, and everything may on a loaded one. */
const IN_TIME_MS = 600_000;
const HOST = 'todo.example.com';
const PROD = ['--env', 'prod', '--json'];
const SERVICES = ['audit', 'realtime', 'recurrence', 'task-api', 'web'];

const stage = await openNodeStage({ door: balancedBy, platform: { environment: 'prod', change: asProd } });
const certificate = selfSigned(HOST);
let cloud: DigitalOceanOnNode;
let certificates: CertManager;
let todoctl: Todoctl;

/** Of the small environment on the node, one at DigitalOcean: protected, with a name, and a database that DigitalOcean runs. */
function asProd(block: Record<string, unknown>): void {
  for (const key of ['context', 'gateway']) delete block[key];
  Object.assign(block, {
    provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-4vcpu-8gb', count: 1 }, host: HOST, protected: true,
    postgres: { provider: 'digitalocean', size: 'db-s-1vcpu-2gb', pool: 3 },
  });
}

beforeAll(async () => {
  if (!stage) return;
  const { node, helm, docker, platform: { folder, env, tokenOf } } = stage;
  cloud = await startDigitalOceanOn(node);
  certificates = await startCertManager(node.kubeconfig, () => certificate);
  const trusted = path.join(folder, 'trusted.crt');
  writeFileSync(trusted, certificate.cert);
  // No kubeconfig: the cluster is known by its provider alone.
  todoctl = todoctlIn(folder, {
    PATH: `${path.dirname(helm.binary)}:${process.env['PATH'] ?? ''}`, HOME: folder, ...docker.env, TODOCTL_TEST_AUTH_KEY: env.TODOCTL_TEST_AUTH_KEY, SMOKE_TOKEN: await tokenOf('todoctl-smoke'),
    NODE_EXTRA_CA_CERTS: trusted, DIGITALOCEAN_API_URL: cloud.account.url, DIGITALOCEAN_ACCESS_TOKEN: cloud.account.token,
  });
}, IN_TIME_MS);

afterAll(async () => {
  await certificates?.stop();
  await stage?.node[Symbol.asyncDispose]();
  await cloud?.stop();
}, IN_TIME_MS);

// What a test needs of those before it would be waited for in vain.
let broken = false;
afterEach(({ task }) => void (broken ||= task.result?.state === 'fail'));
beforeEach(({ skip }) => skip(broken, 'one before it failed'));

describe.skipIf(!stage)('at DigitalOcean, on a real node', () => {
  // Without the parts nothing below runs, but it is read.
  const { node, platform, registry } = (stage ?? { node: {}, platform: {}, registry: {} }) as NodeStage;
  const { kubectl } = node;

  const run = async <T>(...args: string[]): Promise<T> => JSON.parse(await todoctl.must(0, ...args)) as T;
  const column = async (sql: string): Promise<unknown[]> => (await cloud.postgres.ask('todoapp', sql)).map(({ it }) => it);
  const pods = async (): Promise<Pod[]> => (JSON.parse(await kubectl(['get', 'pods', '-n', 'todo', '-o', 'json'])) as { items: Pod[] }).items;

  /** Through the load balancer, as a browser would whose DNS knows the host. */
  const ask = (method: string, at: string, token: string, body?: object): Promise<string> => new Promise((resolve, reject) => {
    const headers = { host: HOST, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request = https.request({ host: cloud.balancer, servername: HOST, ca: certificate.cert, method, path: at, headers, agent: false, timeout: 30_000 }, (response) => {
      response.setEncoding('utf8').toArray().then((parts) => resolve(parts.join('')), reject);
    });
    request.on('error', reject).on('timeout', () => request.destroy(new Error(`${method} ${at} was not answered`))).end(body && JSON.stringify(body));
  });

  test('cluster create: one network and one cluster, whose node is the real one', async () => {
    const { cluster } = await run<ClusterCreateResult>('cluster', 'create', ...PROD, '--yes');
    expect(cluster).toMatchObject({ name: 'todo-prod in nyc3', uid: await kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}']) });
    expect(statSync(cluster?.kubeconfig ?? '').mode & 0o777).toBe(0o600);
    expect(oursIn(cloud.account)).toEqual(['todo-prod', 'todo-prod']);
    await until('the node is of the pool', async () => (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.labels.doks\\.digitalocean\\.com/node-pool}'])) === 'main', IN_TIME_MS);
    expect(await kubectl(['get', 'nodes', '-o', 'name'])).toBe(`node/${node.name}\n`);
  }, IN_TIME_MS);

  test('deploy: all of production on the node, its database beside it, and the record that DNS lacks', async () => {
    const deploying = todoctl.start('deploy', ...PROD, '--yes');
    const { code, stdout, stderr } = await deploying;
    expect(code, `${stderr}\n${stdout}`).toBe(0);
    const { running, steps } = JSON.parse(stdout) as DeployResult;
    expect(running).toMatchObject({ entrance: `https://${HOST}/`, record: `${HOST}. A ${cloud.balancer}` });
    expect(running?.processes.find(({ name }) => name === 'gateway')).toMatchObject({ state: 'starting', reason: expect.stringContaining('no certificate yet') as string });
    expect(steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['cluster', 'images', 'postgres-server', 'postgres-access', 'app', 'smoke-health', 'smoke-page', 'smoke-task']));
    expect(stderr).toContain(`${HOST} has no certificate yet; it comes once its record is there: ${HOST}. A ${cloud.balancer}`);
    expect(cloud.account.changes().filter((change) => /^POST \/v2\/(?:databases|kubernetes\/clusters|vpcs)$/.test(change)).sort()).toEqual(['POST /v2/databases', 'POST /v2/kubernetes/clusters', 'POST /v2/vpcs']);

    for (const service of SERVICES) {
      // An autoscaler may be adding another one.
      const pod = (await pods()).find((one) => one.metadata.labels?.['app.kubernetes.io/name'] === service && isReady(one));
      const statuses = pod ? statusesOf(pod) : [];
      expect(statuses.map(({ name }) => name).sort()).toEqual(service === 'web' ? ['app'] : ['app', 'daprd']);
      for (const { containerID } of statuses) expect(containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
      expect(pod?.spec.containers.find(({ name }) => name === 'app')?.image).toMatch(new RegExp(`^${registry.server}/todo:`));
    }
    // Its rights were given by a job, for the user of a managed database may make nothing; and all of them came with TLS.
    expect((await pods()).map(({ metadata: { name } }) => name).filter((name) => name === 'postgres-0')).toEqual([]);
    expect(await column("SELECT nspname AS it FROM pg_namespace WHERE nspowner = 'todo_user'::regrole ORDER BY 1")).toEqual(['audit', 'recurrence', 'task_api']);
    expect(await column("SELECT ssl AS it FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = 'todo_user'")).not.toContain(false);
  }, IN_TIME_MS);

  test('the certificate comes: a second deploy changes nothing, and tries a task through HTTPS', async () => {
    certificates.issue();
    await until('the certificate is shown', () => ask('GET', '/', '').then((page) => page.includes('<title>Tasks</title>'), () => false), IN_TIME_MS);
    const { code, stdout, stderr } = await todoctl.start('deploy', ...PROD, '--yes');
    expect(code, `${stderr}\n${stdout}`).toBe(0);
    expect((JSON.parse(stdout) as DeployResult).changed).toBe(0);
    expect(stderr).not.toMatch(/no certificate|No task was made|Only health/);
  }, IN_TIME_MS);

  test('a task made through the front door is seen by events tail from outside the cluster, and lies in the managed database', async () => {
    const tail = todoctl.start('events', 'tail', 'task-events', ...PROD, '--from', 'beginning', '--where', 'data.title = SeenFromOutside', '--limit', '1');
    const { id } = JSON.parse(await ask('POST', '/api/tasks', await platform.tokenOf('ada'), { title: 'SeenFromOutside' })) as { id: string };
    const { code, stdout, stderr } = await tail;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 event seen') as string });
    expect(JSON.parse(stdout)).toMatchObject({ topic: 'task-events', key: id });
    expect(await column(`SELECT task->>'title' AS it FROM task_api.tasks WHERE id = '${id}'`)).toEqual(['SeenFromOutside']);
  }, IN_TIME_MS);

  test('status with the meter, and cost', async () => {
    const status = await until('all is ready', async () => {
      const { code, stdout } = await todoctl.run('status', ...PROD);
      return code === 0 && (JSON.parse(stdout) as StatusResult);
    }, IN_TIME_MS);
    expect(status.processes.map(({ name }) => name)).toEqual(expect.arrayContaining(SERVICES));
    const bill = await run<CostResult>('cost', ...PROD);
    const kinds = ['node pool', 'load balancer', 'volume', 'database'];
    expect(bill.lines.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    expect(bill.unknown).toEqual([]);
    // What runs costs what was declared: a node, a load balancer, Kafka's disk, a database.
    expect(status.cost?.monthly).toBeCloseTo(bill.monthly, 2);
    expect((await todoctl.run('status', '--env', 'prod')).stdout).toMatch(/\$\d+(?:\.\d+)? .*month/);
  }, IN_TIME_MS);

  test('teardown: a receipt, and nothing of ours is left there, all of the others’ is', async () => {
    const { removed, kept } = await run<TeardownResult>('teardown', ...PROD, '--yes');
    expect(removed.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['cluster', 'node pool', 'load balancer', 'volume', 'database', 'vpc', 'release']));
    expect(kept.filter(({ owner }) => owner !== 'other')).toEqual([]);
    expect([oursIn(cloud.account), cloud.account.troubles]).toEqual([[], []]);
    expect(theirsIn(cloud.account)).toEqual({ loadBalancers: 40, volumes: ['pvc-of-theirs'] });
    // It was emptied before it was deleted.
    expect(await kubectl(['get', 'persistentvolumes,gateways', '-A', '-o', 'name'])).toBe('');
    expect((await kubectl(['get', 'namespaces', '-o', 'name'])).trim().split('\n')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => `namespace/${name}`));
    expect(await todoctl.must(0, 'teardown', '--env', 'prod', '--yes')).toBe('Nothing of prod is here\n');
  }, IN_TIME_MS);
});
