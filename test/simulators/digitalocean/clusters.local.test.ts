import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { type DigitalOcean, type DigitalOceanOptions, startDigitalOcean } from './start.ts';

const POOL = { name: 'main', size: 's-2vcpu-4gb', count: 2 };
const CLUSTER = { name: 'todo-prod', region: 'nyc3', version: '1.36', ha: false, node_pools: [POOL] };

interface Row {
  id: string;
  name: string;
  version: string;
  endpoint: string;
  ha: boolean;
  vpc_uuid: string;
  tags: string[];
  status: { state: string };
  node_pools: { id: string; count: number; auto_scale: boolean; min_nodes: number; max_nodes: number; nodes: { id: string; name: string; droplet_id: string; status: { state: string } }[] }[];
}

async function withCluster(options: DigitalOceanOptions = {}, given: object = {}): Promise<{ api: DigitalOcean; made: Row; path: string } & AsyncDisposable> {
  const api = await startDigitalOcean(options);
  const { status, body } = await ask<{ kubernetes_cluster: Row }>(api, 'POST', '/kubernetes/clusters', { ...CLUSTER, ...given });
  expect(status).toBe(201);
  return { api, made: body.kubernetes_cluster, path: `/kubernetes/clusters/${body.kubernetes_cluster.id}`, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

test('a cluster is provisioning until its time has come', async () => {
  await using there = await withCluster();
  const { api, made, path } = there;
  expect(made).toMatchObject({ version: '1.36.1-do.0', endpoint: '', status: { state: 'provisioning' }, ha: false });
  expect(made.node_pools[0]?.nodes[0]).toMatchObject({ name: '', droplet_id: '', status: { state: 'provisioning' } });
  expect((await ask(api, 'GET', `${path}/kubeconfig`)).status).toBe(404);
  api.clock.advance(329_999);
  expect((await ask<{ kubernetes_cluster: Row }>(api, 'GET', path)).body.kubernetes_cluster.status.state).toBe('provisioning');
  api.clock.advance(1);
  const { kubernetes_cluster: running } = (await ask<{ kubernetes_cluster: Row }>(api, 'GET', path)).body;
  expect(running).toMatchObject({ endpoint: `https://${made.id}.k8s.ondigitalocean.com`, status: { state: 'running' }, tags: ['k8s', `k8s:${made.id}`] });
  expect(running.node_pools[0]?.nodes.map(({ status }) => status.state)).toEqual(['running', 'running']);
  expect(api.changes()).toEqual(['POST /v2/kubernetes/clusters']);
});

test('a control plane of several machines is what comes where a request says nothing, from 1.36 on', async () => {
  await using there = await withCluster({}, { ha: undefined });
  const { api, made } = there;
  expect(made.ha).toBe(true);
  expect((await ask<{ kubernetes_cluster: Row }>(api, 'POST', '/kubernetes/clusters', { ...CLUSTER, name: 'older', ha: undefined, version: '1.35' })).body.kubernetes_cluster.ha).toBe(false);
});

test.each([
  [{ version: '1.2.3-do.9' }, 'validation error: invalid version slug'],
  [{ node_pools: [{ ...POOL, size: 's-1vcpu-1gb' }] }, 'validation error: worker_node_pool_specs[0].invalid droplet size'],
  [{ node_pools: [{ ...POOL, auto_scale: true, min_nodes: 1, max_nodes: 26 }] }, 'validation error: autoscale desired max nodes exceed limits, 26 additional nodes but not enough available droplet limit'],
  [{ name: 'todo-prod' }, 'cluster name already exists'],
  [{ region: 'mars1' }, 'validation error: invalid region slug'],
])('%j is refused with 422', async (changed, message) => {
  await using there = await withCluster();
  const { api } = there;
  expect(await ask(api, 'POST', '/kubernetes/clusters', { ...CLUSTER, name: 'other', ...changed })).toMatchObject({ status: 422, body: { id: 'unprocessable_entity', message } });
});

test('credentials lead to the API server behind the cluster, and need a scope of their own', async () => {
  await using there = await withCluster({ behind: { server: 'https://10.10.0.2:6443', ca: 'CA', token: 'real-token' }, instant: true });
  const { api, path } = there;
  expect((await ask(api, 'GET', `${path}/credentials?expiry_seconds=28800`)).body).toMatchObject({ server: 'https://10.10.0.2:6443', certificate_authority_data: 'Q0E=', token: 'real-token', expires_at: '2026-11-20T17:00:00Z' });
  expect((await ask<string>(api, 'GET', `${path}/kubeconfig`)).body).toContain('real-token');
  expect(await ask(api, 'GET', `${path}/credentials`, undefined, api.grant('kubernetes:read'))).toMatchObject({ status: 403, body: { message: 'You are missing the required permission kubernetes:access_cluster.' } });
});

test('a deleted cluster goes later, and its VPC cannot go before its members', async () => {
  await using there = await withCluster();
  const { api, made, path } = there;
  api.clock.advance(400_000);
  expect((await ask(api, 'DELETE', path)).status).toBe(204);
  expect((await ask<{ kubernetes_cluster: Row }>(api, 'GET', path)).body.kubernetes_cluster.status.state).toBe('deleting');
  api.clock.advance(60_000);
  expect((await ask(api, 'GET', path)).status).toBe(404);
  // The VPC that came with the first cluster of a region is the default one.
  expect((await ask(api, 'DELETE', `/vpcs/${made.vpc_uuid}`)).status).toBe(403);
  const members = async (): Promise<unknown[]> => (await ask<{ members: unknown[] }>(api, 'GET', `/vpcs/${made.vpc_uuid}/members`)).body.members;
  expect(await members()).toHaveLength(3);
  api.clock.advance(120_000);
  expect(await members()).toEqual([]);
});

test('more than 20 rows are several pages, whose links name the real API', async () => {
  await using api = await startDigitalOcean();
  const first = await ask<{ sizes: unknown[]; links: { pages: { next: string } }; meta: { total: number } }>(api, 'GET', '/sizes');
  expect(first.body.sizes).toHaveLength(20);
  expect(first.body.links.pages.next).toBe('https://api.digitalocean.com/v2/sizes?page=2&per_page=20');
  expect((await ask<{ sizes: unknown[] }>(api, 'GET', '/sizes?per_page=200')).body.sizes).toHaveLength(first.body.meta.total);
});

test('a key that no route takes fails the test', async () => {
  const api = await startDigitalOcean();
  await ask(api, 'POST', '/kubernetes/clusters', { ...CLUSTER, autoscale: true });
  await ask(api, 'GET', '/kubernetes/clusters?tag=x');
  await ask(api, 'GET', '/droplets');
  expect(api.violations).toEqual([
    expect.stringContaining('autoscale'),
    'GET /v2/kubernetes/clusters: takes no tag in its query',
    'GET /v2/droplets: there is no such route',
  ]);
  await expect(api[Symbol.asyncDispose]()).rejects.toThrow('A client did what none may do');
});

test('a POST whose answer was lost has made what it asked for', async () => {
  await using api = await startDigitalOcean();
  api.fail({ method: 'POST', path: '/v2/kubernetes/clusters', drop: 'answer' });
  await expect(ask(api, 'POST', '/kubernetes/clusters', CLUSTER)).rejects.toThrow();
  expect([...api.state.clusters.values()].map(({ name }) => name)).toEqual(['todo-prod']);
});

test('too many requests are refused with the time to wait', async () => {
  await using api = await startDigitalOcean({ limits: { perMinute: 2 } });
  await ask(api, 'GET', '/account');
  await ask(api, 'GET', '/account');
  const third = await ask(api, 'GET', '/account');
  expect(third).toMatchObject({ status: 429, body: { id: 'too_many_requests' } });
  expect(third.headers.get('retry-after')).toBe('60');
  api.clock.advance(60_000);
  expect((await ask(api, 'GET', '/account')).headers.get('ratelimit-remaining')).toBe('4997');
});

test('a token that was revoked is refused, and so is none', async () => {
  await using api = await startDigitalOcean();
  api.revoke();
  expect(await ask(api, 'GET', '/account')).toMatchObject({ status: 401, body: { id: 'unauthorized', message: 'Unable to authenticate you.' } });
});
