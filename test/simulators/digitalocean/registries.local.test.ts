import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { startDigitalOcean } from './start.ts';

test('a name that others have is taken, in both families and when it is only tried', async () => {
  await using api = await startDigitalOcean();
  for (const [path, body] of [['/registries', { name: 'todo' }], ['/registries/validate-name', { name: 'todo' }], ['/registry', { name: 'todo', subscription_tier_slug: 'basic' }]] as const) {
    expect((await ask(api, 'POST', path, body)).status).toBe(409);
  }
  expect((await ask(api, 'POST', '/registries/validate-name', { name: 'todo-4711' })).status).toBe(204);
});

test('the older routes are for accounts with one registry', async () => {
  await using api = await startDigitalOcean();
  await ask(api, 'POST', '/registries', { name: 'first-one', subscription_tier_slug: 'basic', region: 'nyc3' });
  expect((await ask(api, 'POST', '/registries', { name: 'second-one' })).status).toBe(422);
  expect((await ask(api, 'GET', '/registry')).body).toMatchObject({ registry: { name: 'first-one', subscription: { tier: { slug: 'basic', monthly_price_in_cents: 500 } } } });
  await ask(api, 'POST', '/registries/subscription', { tier_slug: 'professional' });
  expect((await ask(api, 'POST', '/registries', { name: 'second-one' })).status).toBe(201);
  for (const [method, path, body] of [['GET', '/registry', undefined], ['DELETE', '/registry', undefined], ['POST', '/registry/subscription', { tier_slug: 'basic' }]] as const) {
    expect(await ask(api, method, path, body)).toMatchObject({ status: 412, body: { message: expect.stringContaining("use '/v2/registries' instead") as unknown } });
  }
  expect((await ask(api, 'DELETE', '/registries/second-one')).status).toBe(204);
  expect((await ask(api, 'GET', '/registry')).status).toBe(200);
});

test('credentials are base64 of a user and a password, and need two scopes', async () => {
  await using api = await startDigitalOcean();
  await ask(api, 'POST', '/registries', { name: 'first-one' });
  const { body } = await ask<{ auths: Record<string, { auth: string }> }>(api, 'GET', '/registries/first-one/docker-credentials?read_write=true&expiry_seconds=3600');
  expect(Buffer.from(body.auths['registry.digitalocean.com']!.auth, 'base64').toString()).toMatch(/^(dop_v1_write_\w+):\1$/);
  expect((await ask(api, 'GET', '/registries/first-one/docker-credentials', undefined, api.grant('registry:read'))).status).toBe(403);
});

test('a collection goes through its stages and takes what no tag names', async () => {
  await using api = await startDigitalOcean();
  await ask(api, 'POST', '/registries', { name: 'first-one' });
  api.state.registries.get('first-one')!.repositories.set('todo/app', [{ digest: 'sha256:a', tags: ['one'], size: 100, updated: 1 }, { digest: 'sha256:b', tags: ['two'], size: 50, updated: 2 }]);
  expect((await ask(api, 'GET', '/registries/first-one/repositoriesV2')).body).toMatchObject({ repositories: [{ name: 'todo/app', tag_count: 2, latest_manifest: { digest: 'sha256:b' } }] });
  expect((await ask(api, 'DELETE', '/registries/first-one/repositories/todo%2Fapp/tags/two')).status).toBe(204);
  expect((await ask(api, 'GET', '/registries/first-one/repositories/todo%2Fapp/tags')).body).toMatchObject({ tags: [{ tag: 'one', manifest_digest: 'sha256:a' }], meta: { total: 1 } });
  expect((await ask(api, 'GET', '/registries/first-one/garbage-collection')).status).toBe(404);
  expect((await ask(api, 'POST', '/registries/first-one/garbage-collection')).body).toMatchObject({ garbage_collection: { status: 'requested' } });
  expect((await ask(api, 'POST', '/registries/first-one/garbage-collection')).status).toBe(409);
  api.clock.advance(45_000);
  expect((await ask(api, 'GET', '/registries/first-one/garbage-collection')).body).toMatchObject({ garbage_collection: { status: 'scanning manifests' } });
  api.clock.advance(45_000);
  expect((await ask(api, 'GET', '/registries/first-one/garbage-collections')).body).toMatchObject({ garbage_collections: [{ status: 'succeeded', blobs_deleted: 1, freed_bytes: 50 }] });
  expect(api.state.registries.get('first-one')!.repositories.get('todo/app')).toHaveLength(1);
});

test('registries are attached to clusters by name', async () => {
  await using api = await startDigitalOcean({ instant: true });
  await ask(api, 'POST', '/registries', { name: 'first-one' });
  const { body: { kubernetes_cluster: { id } } } = await ask<{ kubernetes_cluster: { id: string } }>(api, 'POST', '/kubernetes/clusters', { name: 'todo', region: 'nyc3', version: 'latest', ha: false, node_pools: [{ name: 'main', size: 's-2vcpu-4gb', count: 1 }] });
  expect((await ask(api, 'POST', '/kubernetes/registries', { cluster_uuids: [id], registries: ['other'] })).status).toBe(404);
  expect((await ask(api, 'POST', '/kubernetes/registries', { cluster_uuids: [id], registries: ['first-one'] })).status).toBe(204);
  expect((await ask(api, 'GET', `/kubernetes/clusters/${id}`)).body).toMatchObject({ kubernetes_cluster: { registry_enabled: true } });
  expect((await ask(api, 'DELETE', '/kubernetes/registries', { cluster_uuids: [id], registries: ['first-one'] })).status).toBe(204);
  expect(api.state.clusters.get(id)?.registries).toEqual([]);
});
