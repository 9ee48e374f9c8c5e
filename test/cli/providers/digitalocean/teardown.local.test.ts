import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { newLoadBalancer } from '../../../simulators/digitalocean/load-balancers.ts';
import { newVolume } from '../../../simulators/digitalocean/volumes.ts';
import type { World } from '../../../simulators/digitalocean/world.ts';
import { until } from '../../../support/until.ts';
import { type Stage, stage } from './stage.ts';

const RULES = [{ entry_protocol: 'tcp' as const, entry_port: 443, target_protocol: 'tcp' as const, target_port: 443 }];

/** What controllers of the cluster made: a load balancer and two volumes. */
function addOutside({ account }: Stage): void {
  const [row] = [...account.state.clusters.values()];
  if (!row) throw new Error('there is no cluster');
  const world = { state: account.state, clock: account.clock, durations: { loadBalancer: 0 } } as unknown as World;
  newLoadBalancer(world, { name: 'a0123456789', region: 'nyc3', vpc: row.vpc, rules: RULES, tags: [`k8s:${row.id}`] });
  for (const name of ['pvc-1', 'pvc-2']) newVolume(world, { name, region: 'nyc3', size_gigabytes: 10, tags: [`k8s:${row.id}`] });
}

async function withCluster(others = 0): Promise<Stage> {
  const there = await stage(others > 0 ? { others } : {});
  expect((await there.create()).error).toBeUndefined();
  addOutside(there);
  return there;
}

async function teardown(there: Stage, given: { keepDatabase?: boolean } = {}) {
  const provider = await there.provider();
  const steps = await provider.teardown?.({ found: await provider.resources(), keepDatabase: false, withRegistry: false, ...given });
  return there.run(steps ?? []);
}

const leftOf = async (there: Stage): Promise<string[]> => (await (await there.provider()).resources()).map(({ kind, name }) => `${kind} ${name}`);

test('what there is stands with its price and since when', async () => {
  await using there = await withCluster(40);
  const resources = await (await there.provider()).resources();
  expect(resources.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['cluster todo-prod', 'node pool main, 3 × s-2vcpu-4gb', 'load balancer a0123456789', 'volume pvc-1', 'volume pvc-2', 'vpc todo-prod']);
  expect(resources.find(({ kind }) => kind === 'node pool')?.price).toMatchObject({ monthly: 72, source: 'GET /v2/sizes' });
  expect(resources.find(({ kind }) => kind === 'volume')?.price).toMatchObject({ monthly: 1, asOf: '2026-11-20' });
  expect(resources.every(({ owner }) => owner === 'environment')).toBe(true);
});

test('everything of the environment goes; 40 load balancers of others, their volume and their network stay', async () => {
  await using there = await withCluster(40);
  const outcome = await teardown(there);
  expect(outcome.error).toBeUndefined();
  expect(await leftOf(there)).toEqual([]);
  expect([there.account.state.clusters.size, there.account.state.loadBalancers.size, there.account.state.volumes.size]).toEqual([0, 40, 1]);
  expect([...there.account.state.vpcs.values()].map(({ name }) => name)).toContain('their-vpc');
  await expect(stat(path.join(there.folder, '.todoctl/prod/kubeconfig'))).rejects.toThrow('ENOENT');
  expect((await teardown(there)).changed).toBe(0);
});

test('the VPC is asked for until its members are gone', async () => {
  await using there = await withCluster();
  // Both are answered in the wild, whatever the document says.
  for (const status of [403, 409]) there.account.fail({ method: 'DELETE', path: /^\/v2\/vpcs\//, status, message: 'Can not delete VPC with members' });
  expect((await teardown(there)).error).toBeUndefined();
  const asked = there.account.requests.filter(({ method, path: where }) => method === 'DELETE' && where.startsWith('/v2/vpcs/')).map(({ status }) => status);
  expect(asked.at(-1)).toBe(204);
  expect(asked.slice(0, -1).every((status) => status === 403 || status === 409)).toBe(true);
  expect(asked.slice(0, 2)).toEqual([403, 409]);
});

test('what a cluster that was deleted by hand left is found by what is remembered of it, and by its network', async () => {
  await using there = await withCluster();
  there.account.state.clusters.clear();
  expect(await leftOf(there)).toContain('load balancer a0123456789');
  expect((await teardown(there)).error).toBeUndefined();
  expect(await leftOf(there)).toEqual([]);
  expect([there.account.state.loadBalancers.size, there.account.state.volumes.size]).toEqual([0, 0]);
});

test('a dry run says all that would go, and removes nothing', async () => {
  await using there = await withCluster();
  const before = there.account.changes().length;
  const provider = await there.provider();
  const steps = (await provider.teardown?.({ found: [], keepDatabase: false, withRegistry: false })) ?? [];
  const outcome = await there.run(steps, { dryRun: true });
  expect(outcome.error).toBeUndefined();
  expect(outcome.steps.flatMap((end) => (end.is === 'planned' ? end.changes.map(({ what }) => what) : []))).toEqual(expect.arrayContaining(['cluster todo-prod', '1 load balancers, 2 volumes', 'VPC todo-prod']));
  expect(there.account.changes()).toHaveLength(before);
});

test('databases that the token may not see are not taken for gone', async () => {
  await using there = await withCluster();
  const provider = await there.provider({ token: there.account.grant('account:read', 'kubernetes:read', 'sizes:read', 'vpc:read', 'load_balancer:read', 'block_storage:read', 'block_storage_snapshot:read') });
  await expect(provider.resources()).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', exit: 4, details: ['it needs the scope database:read'] });
});

test('a database that is kept keeps the network that it is in, and not a Kafka', async () => {
  await using there = await withCluster();
  const environment = { postgres: { provider: 'digitalocean', size: 'db-s-1vcpu-1gb' }, kafka: { provider: 'digitalocean', brokers: 3 } };
  const { database, kafka } = await (await there.provider({ environment, services: { audit: { route: '/', database: true } } })).steps();
  if (!database || !kafka) throw new Error('there is no database to make');
  expect((await there.run([database, kafka])).error).toBeUndefined();
  expect(await leftOf(there)).toEqual(expect.arrayContaining(['database todo-prod-postgres', 'kafka todo-prod-kafka']));
  expect((await teardown(there, { keepDatabase: true })).error).toBeUndefined();
  expect(await leftOf(there)).toEqual(['database todo-prod-postgres', 'vpc todo-prod']);
  expect((await teardown(there)).error).toBeUndefined();
  expect(await leftOf(there)).toEqual([]);
});

test('the network that its region always keeps is only looked at', async () => {
  await using there = await withCluster();
  for (const vpc of there.account.state.vpcs.values()) if (vpc.description === 'todoctl:todo:prod') vpc.default = true;
  const network = (await (await there.provider()).resources()).find(({ kind }) => kind === 'vpc');
  expect(network).toMatchObject({ owner: 'other', heldBy: expect.stringContaining('always stays') as string });
  expect((await teardown(there)).error).toBeUndefined();
  expect(await leftOf(there)).toEqual(['vpc todo-prod']);
});

// Where a teardown is killed; afterwards the cluster may be gone already, and nobody left to ask what was its.
test.each(Array.from({ length: 16 }, (_, index) => index * 3))('killed at request %i, then run again: all is gone', async (after) => {
  await using there = await withCluster(3);
  const leave = new AbortController();
  const provider = await there.provider({ stop: leave.signal });
  const steps = (await provider.teardown?.({ found: [], keepDatabase: false, withRegistry: false })) ?? [];
  const hangs = there.account.fail({ after, slow: 60_000, times: 1000 });
  const run = there.run(steps, { leave: leave.signal });
  const ended = run.then(() => true);
  await Promise.race([ended, until('the request at which it is killed', () => hangs.times > 0)]);
  leave.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
  await run;
  hangs.stop();
  expect((await teardown(there)).error).toBeUndefined();
  expect(await leftOf(there)).toEqual([]);
  expect([there.account.state.clusters.size, there.account.state.loadBalancers.size, there.account.state.volumes.size]).toEqual([0, 3, 1]);
});
