import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { newLoadBalancer } from './load-balancers.ts';
import { type DigitalOcean, startDigitalOcean } from './start.ts';
import { newSnapshot, newVolume } from './volumes.ts';

const RULES = [{ entry_protocol: 'tcp', entry_port: 80, target_protocol: 'tcp', target_port: 30_080 }] as const;

/** A cluster in a VPC of its own that made a load balancer, two volumes and a snapshot. */
async function withLeftovers(api: DigitalOcean): Promise<{ id: string; vpc: string; path: string }> {
  const { body: { vpc } } = await ask<{ vpc: { id: string } }>(api, 'POST', '/vpcs', { name: 'todo-prod', region: 'nyc3', ip_range: '10.20.0.0/20', description: 'todoctl:todo:prod' });
  const { body: { kubernetes_cluster: { id } } } = await ask<{ kubernetes_cluster: { id: string } }>(api, 'POST', '/kubernetes/clusters', {
    name: 'todo-prod', region: 'nyc3', version: 'latest', ha: false, vpc_uuid: vpc.id, node_pools: [{ name: 'main', size: 's-2vcpu-4gb', count: 1 }], tags: ['todoctl', 'todoctl:todo:prod'],
  });
  api.clock.advance(400_000);
  newLoadBalancer(api.world, { name: 'a1', region: 'nyc3', vpc: vpc.id, rules: [...RULES], tags: [`k8s:${id}`] });
  const volume = newVolume(api.world, { name: 'pvc-1', region: 'nyc3', size_gigabytes: 10, tags: [`k8s:${id}`] });
  newVolume(api.world, { name: 'pvc-2', region: 'nyc3', size_gigabytes: 10, tags: [`k8s:${id}`] });
  newSnapshot(api.world, volume, { name: 'before' });
  api.clock.advance(60_000);
  return { id, vpc: vpc.id, path: `/kubernetes/clusters/${id}` };
}

test('what a cluster made is listed with it, and a plain delete leaves it', async () => {
  await using api = await startDigitalOcean({ others: 40 });
  const { path } = await withLeftovers(api);
  expect((await ask(api, 'GET', `${path}/destroy_with_associated_resources`)).body).toEqual({
    load_balancers: [{ id: expect.any(String) as unknown, name: 'a1' }],
    volumes: [expect.objectContaining({ name: 'pvc-1' }), expect.objectContaining({ name: 'pvc-2' })],
    volume_snapshots: [expect.objectContaining({ name: 'before' })],
  });
  await ask(api, 'DELETE', path);
  api.clock.advance(600_000);
  expect((await ask(api, 'GET', `${path}/destroy_with_associated_resources`)).status).toBe(404);
  expect([api.state.loadBalancers.size, api.state.volumes.size, api.state.snapshots.size]).toEqual([41, 3, 1]);
});

test('dangerous takes all of it, and nothing of other people', async () => {
  await using api = await startDigitalOcean({ others: 40 });
  const { path, vpc } = await withLeftovers(api);
  expect((await ask(api, 'DELETE', `${path}/destroy_with_associated_resources/dangerous`)).status).toBe(204);
  expect(await ask(api, 'DELETE', `/vpcs/${vpc}`)).toMatchObject({ status: expect.toSatisfy((status: number) => status === 403 || status === 409) as unknown, body: { message: 'Can not delete VPC with members' } });
  api.clock.advance(300_000);
  expect([api.state.loadBalancers.size, api.state.volumes.size, api.state.snapshots.size, api.state.clusters.size]).toEqual([40, 1, 0, 0]);
  expect((await ask(api, 'DELETE', `/vpcs/${vpc}`)).status).toBe(204);
});

test('selective takes what it is told', async () => {
  await using api = await startDigitalOcean();
  const { path } = await withLeftovers(api);
  const kept = [...api.state.volumes.values()].find(({ name }) => name === 'pvc-2')!;
  const [balancer] = [...api.state.loadBalancers.keys()];
  await ask(api, 'DELETE', `${path}/destroy_with_associated_resources/selective`, { load_balancers: [balancer], volumes: [...api.state.volumes.keys()].filter((id) => id !== kept.id), volume_snapshots: [] });
  api.clock.advance(300_000);
  expect([...api.state.volumes.values()].map(({ name }) => name)).toEqual(['pvc-2']);
  expect([api.state.loadBalancers.size, api.state.snapshots.size]).toEqual([0, 1]);
});

test('a load balancer that is new cannot be deleted; one that is has its address', async () => {
  await using api = await startDigitalOcean();
  const { body: { load_balancer: { id } }, status } = await ask<{ load_balancer: { id: string } }>(api, 'POST', '/load_balancers', { name: 'lb', region: 'nyc3', forwarding_rules: RULES, tag: 'web' });
  expect(status).toBe(202);
  expect((await ask(api, 'DELETE', `/load_balancers/${id}`)).status).toBe(403);
  api.clock.advance(60_000);
  expect((await ask(api, 'GET', `/load_balancers/${id}`)).body).toMatchObject({ load_balancer: { status: 'active', ip: '198.51.100.2' } });
  expect((await ask(api, 'DELETE', `/load_balancers/${id}`)).status).toBe(204);
  expect((await ask(api, 'GET', `/load_balancers/${id}`)).status).toBe(200);
  api.clock.advance(20_000);
  expect((await ask(api, 'GET', `/load_balancers/${id}`)).status).toBe(404);
});

test('volumes are found by name and tagged; one that is attached stays', async () => {
  await using api = await startDigitalOcean();
  const { body: { volume } } = await ask<{ volume: { id: string } }>(api, 'POST', '/volumes', { name: 'data', region: 'nyc3', size_gigabytes: 10 });
  expect((await ask(api, 'POST', '/volumes', { name: 'data', region: 'nyc3', size_gigabytes: 10 })).status).toBe(409);
  await ask(api, 'POST', '/tags', { name: 'todoctl' });
  await ask(api, 'POST', '/tags/todoctl/resources', { resources: [{ resource_id: volume.id, resource_type: 'volume' }] });
  expect((await ask(api, 'GET', '/volumes?name=data&region=nyc3')).body).toMatchObject({ volumes: [{ tags: ['todoctl'], size_gigabytes: 10 }], meta: { total: 1 } });
  expect((await ask(api, 'GET', '/tags/todoctl')).body).toMatchObject({ tag: { resources: { count: 1 } } });
  api.state.volumes.get(volume.id)!.droplets = [1];
  expect((await ask(api, 'DELETE', `/volumes/${volume.id}`)).status).toBe(409);
});

test('a project takes what is there, says so of each, and goes when it is empty', async () => {
  await using api = await startDigitalOcean();
  const { vpc, id } = await withLeftovers(api);
  const { body: { project } } = await ask<{ project: { id: string } }>(api, 'POST', '/projects', { name: 'todo', purpose: 'Service or API', environment: 'Production' });
  const assigned = await ask<{ resources: { status: string }[] }>(api, 'POST', `/projects/${project.id}/resources`, { resources: [`do:kubernetes:${id}`, `do:vpc:${vpc}`, 'do:dbaas:none'] });
  expect(assigned.body.resources.map(({ status }) => status)).toEqual(['assigned', 'assigned', 'not_found']);
  expect((await ask(api, 'DELETE', `/projects/${project.id}`)).status).toBe(412);
  await ask(api, 'DELETE', `/kubernetes/clusters/${id}/destroy_with_associated_resources/dangerous`);
  api.clock.advance(600_000);
  await ask(api, 'DELETE', `/vpcs/${vpc}`);
  expect((await ask(api, 'DELETE', `/projects/${project.id}`)).status).toBe(204);
});
