// From nothing to production and back at DigitalOcean: the commands as processes, its API simulated, its cluster a real API server with
// real Helm. Killed, with a token that ends, beside other people's things.
import { randomInt } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterCreateResult } from '../../cli/operations/cluster/create.ts';
import type { CostResult } from '../../cli/operations/cost.ts';
import type { DeployResult } from '../../cli/operations/deploy.ts';
import type { TeardownResult } from '../../cli/operations/teardown.ts';
import { deleteCluster } from '../simulators/digitalocean/clusters/delete.ts';
import { newLoadBalancer } from '../simulators/digitalocean/load-balancers.ts';
import { newVolume } from '../simulators/digitalocean/volumes.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { oursIn, theirsIn } from '../support/digitalocean-account.ts';
import { type DigitalOceanStage, openDigitalOceanStage } from '../support/digitalocean-stage.ts';
import type { Ran } from '../support/todoctl.ts';
import { until } from '../support/until.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const helm = await realPart('helm', getHelm);
const api = helm && (await realPart('kubernetes', startApiServer));
const can = helm !== undefined && api !== undefined && crdFiles() !== undefined;
const PATIENCE_MS = 120_000;
const PROD = ['--env', 'prod', '--yes', '--json'];
let stage: DigitalOceanStage;

const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
const todoctl: DigitalOceanStage['todoctl'] = (...args) => stage.todoctl(...args);
const codeOf = ({ stdout }: Ran): string => (JSON.parse(stdout) as { error: { code: string } }).error.code;
const resultOf = <T>({ code, stdout, stderr }: Ran): T => {
  expect([code, stderr.includes('TODOCTL_BUG')], `${stderr}\n${stdout}`).toEqual([0, false]);
  return JSON.parse(stdout) as T;
};
/** Requests for one thing after the other of that kind. */
const made = (what: RegExp): string[] => stage.account.changes().filter((change) => what.test(change));
const zone = (): string[] => (stage.account.state.domains.get('example.com') ?? []).map(({ name, type, data }) => `${name} ${type} ${data}`);
const ours = (): string[] => oursIn(stage.account);

/** Ended by kill -9 at its nth request to DigitalOcean, which still takes place; what it had asked for goes on there. */
async function killedAt(request: number, ...args: string[]): Promise<void> {
  const struck = stage.account.fail({ after: request, slow: 500 });
  const running = todoctl(...args);
  const ended = running.then(() => true);
  await Promise.race([ended, until('the request at which it is killed', () => struck.times > 0, PATIENCE_MS)]);
  running.child.kill('SIGKILL');
  await running;
  struck.stop();
  await until('all that was asked for is done', () => stage.account.requests.every(({ status }) => status !== undefined), PATIENCE_MS);
}

beforeAll(async () => {
  if (!can) return;
  applyCrds(api);
  stage = await openDigitalOceanStage(api, helm);
});
afterAll(async () => {
  await stage?.stop();
  await api?.stop();
});

// The tests build on each other: each leaves the account to the next as it is named.
describe.skipIf(!can)('at DigitalOcean', { timeout: 300_000 }, () => {
  test('cluster create, killed again and again: one network and one cluster', async () => {
    const kills = [randomInt(1, 14), randomInt(12, 26)];
    process.stderr.write(`cluster create killed at requests ${kills.join(', ')}\n`);
    for (const request of kills) await killedAt(request, 'cluster', 'create', ...PROD);
    const { cluster } = resultOf<ClusterCreateResult>(await todoctl('cluster', 'create', ...PROD));
    expect(ours(), `killed at ${kills.join(', ')}`).toEqual(['todo-prod', 'todo-prod']);
    expect(made(/^POST \/v2\/(?:vpcs|kubernetes\/clusters)$/)).toEqual(['POST /v2/vpcs', 'POST /v2/kubernetes/clusters']);
    expect(cluster).toMatchObject({ name: 'todo-prod in nyc3', uid: kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}']) });
    expect(statSync(cluster?.kubeconfig ?? '').mode & 0o777).toBe(0o600);
  });

  test('nodes that are not ready are named, and waited for until a person leaves', async () => {
    const nodes = kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}']).split(' ');
    const be = (status: string, message: string): void => {
      for (const node of nodes) kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { conditions: [{ type: 'Ready', status, reason: 'Test', message }] } })]);
    };
    be('False', 'container runtime network not ready');
    const running = todoctl('cluster', 'create', ...PROD);
    await until('its reason', () => running.said.stderr.includes(`0 of 2 nodes are Ready; ${nodes[0]}: container runtime network not ready`), PATIENCE_MS);
    running.child.kill('SIGINT');
    expect((await running).code).toBe(130);
    be('True', 'ready');
    expect(resultOf<ClusterCreateResult>(await todoctl('cluster', 'create', ...PROD)).changed).toBe(0);
  });

  test('deploy: a token that is revoked midway, then another one; all of production is there, once', async () => {
    stage.account.state.domains.set('example.com', [{ id: 1, type: 'A', name: 'www', data: '198.51.100.1', ttl: 1800 }]);
    const running = todoctl('deploy', '--skip', 'smoke', ...PROD);
    await until('the database is asked for', () => made(/databases$/).length === 1, PATIENCE_MS);
    stage.account.revoke(stage.token);
    const refused = await running;
    expect([refused.code, codeOf(refused)]).toEqual([4, 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED']);
    expect(refused.stdout + refused.stderr).not.toContain(stage.token);
    stage.token = stage.account.grant();
    const { running: up } = resultOf<DeployResult>(await todoctl('deploy', '--skip', 'smoke', ...PROD));
    expect(made(/^POST \/v2\/databases$/)).toHaveLength(1);
    expect(up?.processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['task-api', 'recurrence', 'audit', 'realtime', 'web']));
    expect(kubectl(['get', 'kafkanodepools', '-n', 'todo', '-o', 'jsonpath={.items[*].spec.replicas}']).split(' ')).toContain('3');
    const uri = Buffer.from(kubectl(['get', 'secret', 'postgres', '-n', 'todo', '-o', 'jsonpath={.data.uri}']), 'base64').toString();
    expect(uri).toMatch(/^postgres(?:ql)?:\/\/todo_user:/);
    // The entrance's load balancer was waited for, and the zone of the account has the record; who serves it to the world is another matter.
    expect(up).toMatchObject({ entrance: 'https://todo.example.com/', record: 'todo.example.com. A 203.0.113.7' });
    expect(zone()).toEqual(['www A 198.51.100.1', '_todoctl.todo TXT todoctl:todo:prod 203.0.113.7', 'todo A 203.0.113.7']);
    expect(resultOf<DeployResult>(await todoctl('deploy', '--skip', 'smoke', ...PROD)).changed).toBe(0);
  });

  test('cost, status with the meter, registry and images', async () => {
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-0-todo-broker-0', namespace: 'todo' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'do-block-storage', resources: { requests: { storage: '20Gi' } } } }));
    await until('its volume', () => [...stage.account.state.volumes.values()].some(({ size_gigabytes: size }) => size === 20), PATIENCE_MS);
    const bill = resultOf<CostResult>(await todoctl('cost', '--env', 'prod', '--json'));
    expect(bill.lines.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['node pool', 'load balancer', 'volume', 'database']));
    expect(bill.lines.find(({ kind }) => kind === 'node pool')).toMatchObject({ monthly: 144, source: 'GET /v2/sizes' });
    const status = await todoctl('status', '--env', 'prod');
    expect(status.stdout).toMatch(/\$\d+(?:\.\d+)? .*month/);
    const registry = await todoctl('registry', 'create', '--env', 'staging', '--json');
    expect(registry.code, registry.stderr).toBe(0);
    expect(resultOf<{ name: string; ours: boolean }>(await todoctl('registry', 'show', '--env', 'staging', '--json'))).toMatchObject({ name: 'example-todo', ours: true, plan: { monthly: 5 } });
    const images = resultOf<{ services: { service: string; digest?: string }[] }>(await todoctl('images', 'list', '--env', 'prod', '--json'));
    expect(images.services.filter(({ digest }) => digest !== undefined)).toHaveLength(5);
  });

  test('while somebody else is at it, teardown is told who and changes nothing', async () => {
    const now = new Date().toISOString().replace('Z', '000Z');
    kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'todoctl-todo-prod', namespace: 'kube-system', annotations: { 'todoctl.io/doing': 'deploy' } }, spec: { holderIdentity: 'ada@laptop:7', leaseDurationSeconds: 3600, acquireTime: now, renewTime: now } }));
    const before = stage.account.changes();
    const ran = await todoctl('teardown', ...PROD);
    expect([ran.code, codeOf(ran)]).toEqual([3, 'TODOCTL_LOCKED']);
    expect(ran.stdout).toContain('ada@laptop:7');
    expect(stage.account.changes()).toEqual(before);
    kubectl(['delete', 'lease', 'todoctl-todo-prod', '-n', 'kube-system']);
  });

  test('teardown, killed again and again: all of ours is gone, with a receipt; all of the others is there', async () => {
    const kills = [randomInt(4, 20), randomInt(10, 40)];
    process.stderr.write(`teardown killed at requests ${kills.join(', ')}\n`);
    for (const request of kills) await killedAt(request, 'teardown', ...PROD);
    const { removed, kept } = resultOf<TeardownResult>(await todoctl('teardown', ...PROD));
    expect(removed.map(({ kind }) => kind), `killed at ${kills.join(', ')}`).toEqual(expect.arrayContaining(['vpc']));
    expect(kept.filter(({ owner }) => owner === 'environment')).toEqual([]);
    expect(ours()).toEqual([]);
    expect(theirsIn(stage.account)).toEqual({ loadBalancers: 40, volumes: ['pvc-of-theirs'] });
    expect(zone()).toEqual(['www A 198.51.100.1']);
    expect(existsSync(path.join(stage.project, '.todoctl/prod/kubeconfig'))).toBe(false);
    // The registry that was made belongs to the platform, and goes with its last environment.
    expect(kept).toContainEqual(expect.objectContaining({ kind: 'registry', name: 'example-todo', owner: 'platform', price: expect.objectContaining({ monthly: 5 }) as unknown }));
    expect((await todoctl('teardown', '--env', 'prod', '--yes')).stdout).toBe('Nothing of prod is here\nKept  1 registry: example-todo, $5.00 a month, for all environments: todoctl\n        registry delete --env prod\n');
    expect(resultOf<TeardownResult>(await todoctl('teardown', '--with-registry', ...PROD)).removed).toMatchObject([{ kind: 'registry', name: 'example-todo' }]);
    expect((await todoctl('teardown', '--env', 'prod', '--yes')).stdout).toBe('Nothing of prod is here\n');
  });

  test('of a cluster that was deleted by hand, teardown finds what it left', async () => {
    resultOf(await todoctl('cluster', 'create', ...PROD));
    const { world, state } = stage.account;
    const [row] = [...state.clusters.values()];
    if (!row) throw new Error('there is no cluster');
    newLoadBalancer(world, { name: 'a0123456789', region: 'nyc3', vpc: row.vpc, rules: [{ entry_protocol: 'tcp', entry_port: 443, target_protocol: 'tcp', target_port: 443 }], tags: [`k8s:${row.id}`] });
    newVolume(world, { name: 'snapshotted', region: 'nyc3', size_gigabytes: 10, tags: [`k8s:${row.id}`] });
    deleteCluster(world, row);
    await until('it is gone', () => world.clock.now() > 0 && state.clusters.size === 0, PATIENCE_MS);
    stage.reachable(false);
    const status = await todoctl('status', '--env', 'prod', '--json');
    expect([status.code, status.stderr], status.stdout).toEqual([6, '']);
    const { removed } = resultOf<TeardownResult>(await todoctl('teardown', ...PROD));
    expect(removed.map(({ kind }) => kind).sort()).toEqual(['load balancer', 'volume', 'vpc']);
    expect(ours()).toEqual([]);
  });
});
