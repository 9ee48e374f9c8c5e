import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { until } from '../../../support/until.ts';
import { type Stage, stage } from './stage.ts';

const MADE = ['POST /v2/vpcs', 'POST /v2/kubernetes/clusters'];
const [cluster, vpc] = [(there: Stage) => [...there.account.state.clusters.values()], (there: Stage) => [...there.account.state.vpcs.values()].filter(({ description }) => description === 'todoctl:todo:prod')];

function bodyOf(there: Stage, method: string, where: RegExp): unknown {
  return there.account.requests.find((one) => one.method === method && where.test(one.path))?.body;
}

test('a cluster is made with its own network, as it is asked for, and signed in to', async () => {
  await using there = await stage();
  const provider = await there.provider();
  const { cluster: step } = await provider.steps();
  const outcome = await there.run([step]);
  expect(outcome.error).toBeUndefined();
  expect(there.account.changes()).toEqual(MADE);
  expect(outcome.of(step)).toMatchObject({ name: 'todo-prod in nyc3', uid: 'uid-of-the-first', id: cluster(there)[0]?.id });
  expect(bodyOf(there, 'POST', /clusters$/)).toMatchObject({
    name: 'todo-prod', region: 'nyc3', version: '1.36.1-do.0', ha: false, surge_upgrade: true, tags: ['todoctl', 'todoctl:todo:prod'],
    vpc_uuid: vpc(there)[0]?.id,
    maintenance_policy: { day: 'sunday', start_time: '04:00' },
    node_pools: [{ size: 's-2vcpu-4gb', count: 3, auto_scale: true, min_nodes: 2, max_nodes: 5 }],
  });
  const kubeconfig = path.join(there.folder, '.todoctl/prod/kubeconfig');
  expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);
  expect(await readFile(kubeconfig, 'utf8')).toContain(there.behind.token);
  expect(there.account.requests.find(({ path: where }) => where.endsWith('/credentials'))?.query).toEqual({ expiry_seconds: '28800' });
});

test('what is there and ours is success, and nothing is asked for again', async () => {
  await using there = await stage();
  expect((await there.create()).changed).toBe(2);
  const again = await there.create();
  expect(again).toMatchObject({ ok: true, changed: 0 });
  expect(there.account.changes()).toEqual(MADE);
});

test('a dry run says what would be made, and makes nothing', async () => {
  await using there = await stage();
  const { cluster: step } = await (await there.provider()).steps();
  const outcome = await there.run([step], { dryRun: true });
  expect(outcome.steps.map((end) => ('changes' in end ? end.changes : end.is))).toEqual([[{ what: 'VPC todo-prod in nyc3' }], [{ what: 'cluster todo-prod in nyc3: 3 nodes s-2vcpu-4gb' }]]);
  expect(there.account.changes()).toEqual([]);
});

// Where a run is killed: before its nth request is looked at, or when it was done and nobody heard.
const KILLS = Array.from({ length: 14 }, (_, index) => index).flatMap((after) => [{ after, heard: false }, { after, heard: true }]);
test.each(KILLS)('killed at request $after (done: $heard), then run again: nothing is made twice', async ({ after, heard }) => {
  await using there = await stage();
  const leave = new AbortController();
  const struck = heard ? there.account.fail({ after, drop: 'answer' }) : undefined;
  const hangs = there.account.fail({ after, slow: 60_000, times: 1000 });
  const first = there.provider({ stop: leave.signal }).then(async (provider) => there.run([(await provider.steps()).cluster], { leave: leave.signal }));
  await until('the request at which it is killed', () => hangs.times > 0);
  leave.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
  expect((await first).ok).toBe(false);
  hangs.stop();
  struck?.stop();
  expect((await there.create()).error).toBeUndefined();
  expect(vpc(there)).toHaveLength(1);
  expect(cluster(there)).toHaveLength(1);
  expect(cluster(there)[0]?.vpc).toBe(vpc(there)[0]?.id);
});

test('the first Ctrl-C lets the cluster that was asked for come up; the second leaves it to come', async () => {
  await using there = await stage();
  const [stop, leave] = [new AbortController(), new AbortController()];
  const run = there.provider({ stop: leave.signal }).then(async (provider) => there.run([(await provider.steps()).cluster], { stop: stop.signal, leave: leave.signal }));
  await until('a cluster', () => cluster(there).length === 1);
  stop.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
  expect((await run).ok).toBe(true);
});

test('answers that are lost make neither network nor cluster twice', async () => {
  await using there = await stage();
  there.account.fail({ method: 'POST', path: '/v2/vpcs', drop: 'answer' });
  there.account.fail({ method: 'POST', path: '/v2/kubernetes/clusters', drop: 'answer' });
  expect((await there.create()).error).toBeUndefined();
  expect([vpc(there).length, cluster(there).length]).toEqual([1, 1]);
  expect(there.account.changes()).toEqual(MADE);
});

test('a cluster or a network of the name that is not ours is refused, and left alone', async () => {
  await using there = await stage();
  await there.create();
  for (const row of cluster(there)) row.tags = [];
  expect((await there.create()).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_NAME_TAKEN', exit: 3, message: 'There is a cluster todo-prod in nyc3 that is not ours' });
  there.account.state.clusters.clear();
  for (const row of vpc(there)) row.description = 'mine';
  expect((await there.create()).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_NAME_TAKEN', message: 'There is a VPC todo-prod in nyc3 that is not ours' });
  expect(there.account.changes()).toEqual(MADE);
});

test('a cluster in state error is given up at once, with what DigitalOcean says of it', async () => {
  await using there = await stage();
  await there.create();
  for (const row of cluster(there)) Object.assign(row, { state: 'error', message: 'no capacity in this region' });
  expect((await there.create()).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_CLUSTER_FAILED', exit: 4, details: expect.arrayContaining(['no capacity in this region']) as string[] });
});

test('nodes that never get ready are said by name with their reason', async () => {
  await using there = await stage();
  there.behind.nodes = [{ name: 'main-1', ready: true }, { name: 'main-2', ready: false, message: 'container runtime network not ready' }];
  const { cluster: step } = await (await there.provider()).steps();
  // Time enough to come up, and not for nodes that do not come.
  const { error } = await there.run([{ ...step, timeout: 90_000 }]);
  expect(error).toMatchObject({ code: 'TODOCTL_STEP_TIMED_OUT', message: 'Cluster: not done after 90 s; last seen: 1 of 2 nodes are Ready; main-2: container runtime network not ready' });
  there.behind.nodes.push({ name: 'main-3', ready: true });
  expect((await there.create()).ok).toBe(true);
});

test('bounds of the autoscaler follow todoctl.yaml; another size or region is refused', async () => {
  await using there = await stage();
  await there.create();
  const change = async (environment: object) => there.run([(await (await there.provider({ environment })).steps()).cluster]);
  expect((await change({ nodes: { size: 's-2vcpu-4gb', count: 3, min: 3, max: 7 } })).steps.at(-1)).toMatchObject({ is: 'changed', changes: [{ what: 'nodes', from: '2 to 5', to: '3 to 7' }] });
  expect(bodyOf(there, 'PUT', /node_pools/)).toEqual({ name: 'main', count: 3, auto_scale: true, min_nodes: 3, max_nodes: 7 });
  expect((await change({ nodes: { size: 's-4vcpu-8gb', count: 3 } })).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_CLUSTER_FIXED', message: 'The nodes of todo-prod are of size s-2vcpu-4gb, todoctl.yaml says s-4vcpu-8gb' });
  expect((await change({ region: 'ams3' })).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_CLUSTER_FIXED' });
  expect((await change({ controlPlane: { ha: true } })).error).toBeUndefined();
  expect(cluster(there)[0]?.ha).toBe(true);
});

test('a token that is revoked midway stops the run; with a new one it goes on', async () => {
  await using there = await stage();
  const run = there.create();
  await until('a cluster', () => cluster(there).length === 1);
  there.account.revoke();
  expect((await run).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED', exit: 4 });
  const provider = await there.provider({ token: there.account.grant() });
  expect((await there.run([(await provider.steps()).cluster])).ok).toBe(true);
  expect(there.account.changes()).toEqual(MADE);
});

test('a cluster that was deleted by hand is noticed, and so is one that was made anew', async () => {
  await using there = await stage();
  const provider = await there.provider();
  await there.create();
  expect((await provider.cluster())?.uid).toBe('uid-of-the-first');
  // Its API server is gone with it.
  there.account.state.clusters.clear();
  there.behind.token = 'nobody knows';
  expect(await provider.cluster()).toBeUndefined();
  await expect(stat(path.join(there.folder, '.todoctl/prod/kubeconfig'))).rejects.toThrow('ENOENT');

  Object.assign(there.behind, { uid: 'uid-of-the-second', token: 'token-of-the-second' });
  const outcome = await there.create();
  expect(outcome).toMatchObject({ ok: true });
  expect(await provider.cluster()).toMatchObject({ uid: 'uid-of-the-second', id: cluster(there)[0]?.id });
});

test('who answers at the address of the cluster without being it is not believed', async () => {
  await using there = await stage();
  await there.create();
  there.behind.uid = 'uid-of-somebody-else';
  await expect((await there.provider()).cluster()).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_WRONG', details: ['it was uid-of-the-first', 'it is uid-of-somebody-else'] });
  expect((await there.create()).error).toMatchObject({ code: 'TODOCTL_CLUSTER_WRONG' });
});

test('a token that has ended is replaced: by a new sign-in, and in the middle of work', async () => {
  await using there = await stage();
  await there.create();
  const known = await (await there.provider()).cluster();
  there.behind.token = 'second-token-of-the-cluster';
  expect((await (await there.provider()).cluster())?.access.user.token).toBe('second-token-of-the-cluster');

  const renew = known?.renew?.bind(known);
  if (!known || !renew) throw new Error('it cannot be renewed');
  using kubernetes = new Kubernetes(known.access, { env: {}, redactor: new Redactor(), stop: new AbortController().signal, renew });
  expect((await kubernetes.ask('/api/v1/nodes')).status).toBe(200);
  expect(await readFile(known.kubeconfig, 'utf8')).toContain('second-token-of-the-cluster');
});

test('what is known of a cluster is used without asking DigitalOcean; a broken record is asked for anew', async () => {
  await using there = await stage();
  await there.create();
  const before = there.account.requests.length;
  expect((await (await there.provider()).cluster())?.uid).toBe('uid-of-the-first');
  expect(there.account.requests).toHaveLength(before);
  await writeFile(path.join(there.folder, '.todoctl/prod/cluster.json'), '{');
  expect((await (await there.provider()).cluster())?.uid).toBe('uid-of-the-first');
  await rm(path.join(there.folder, '.todoctl'), { recursive: true });
  expect((await (await there.provider()).cluster())?.uid).toBe('uid-of-the-first');
});

test("a person's own kubeconfig is neither read nor written", async () => {
  await using there = await stage();
  await mkdir(path.join(there.folder, '.kube'));
  await writeFile(path.join(there.folder, '.kube/config'), 'not even YAML: [');
  expect((await there.create()).ok).toBe(true);
  expect(await readFile(path.join(there.folder, '.kube/config'), 'utf8')).toBe('not even YAML: [');
});

test('the networks of two environments of one account do not overlap', async () => {
  await using there = await stage();
  await there.create();
  const provider = await there.provider({ name: 'staging', environment: { auth: { jwks: 'https://id.example.com/keys' } } });
  expect((await there.run([(await provider.steps()).cluster])).error).toBeUndefined();
  const [prod, staging] = cluster(there).map(({ cluster_subnet, service_subnet }) => [cluster_subnet, service_subnet]);
  expect(prod?.some((range) => staging?.includes(range))).toBe(false);
});
