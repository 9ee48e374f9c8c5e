import { beforeAll, expect, it } from 'vitest';
import { until } from '../../../support/until.ts';
import { component, pubsub, subscription } from '../resources.ts';
import type { TestApp } from '../test-app.ts';
import { call, type World } from '../world.ts';

/** Secrets, tokens, health and what a sidecar says of itself. */
export function apiCases(world: () => World): void {
  let app: TestApp;
  let api: string;
  let topic: string;
  const token = { 'dapr-api-token': 'let-me-in' };

  beforeAll(async () => {
    app = await world().app();
    topic = await world().client.newTopic(1);
    const spec = { appId: 'orders', podName: 'orders-0', appPort: app.port, apiToken: 'let-me-in', appToken: 'it-is-me' };
    const documents = [pubsub('pubsub'), pubsub('elsewhere', {}, ['someone-else']), component('state', 'state.postgresql', 'v2', { connectionString: ['postgres', 'uri'] }), subscription('orders', topic)];
    api = (await world().start([spec], documents)).url;
  });

  it('refuses a caller without the API token, or with another one', async () => {
    for (const headers of [{}, { 'dapr-api-token': 'let-me-inn' }]) {
      const answer = await call(`${api}/v1.0/publish/pubsub/${topic}`, { body: {}, headers });
      expect(answer).toMatchObject({ status: 401, text: 'invalid api token\n' });
    }
    expect((await call(`${api}/v1.0/publish/pubsub/${topic}`, { body: {}, headers: token })).status).toBe(204);
  });

  it('shows the app its own token with each delivery', async () => {
    const [received] = await app.waitFor(`/events/${topic}`);
    expect(received?.headers['dapr-api-token']).toBe('it-is-me');
  });

  it('says that it is healthy to anyone who asks', async () => {
    for (const path of ['healthz', 'healthz/outbound', 'healthz?appid=orders']) {
      await until(`${path} is healthy`, async () => (await call(`${api}/v1.0/${path}`)).status === 204);
    }
    expect(await call(`${api}/v1.0/healthz?appid=another`)).toMatchObject({ status: 500, json: { errorCode: 'ERR_HEALTH_APPID_NOT_MATCH' } });
  });

  it('gives out secrets, singly and all that are allowed', async () => {
    const secret = (path: string): ReturnType<typeof call> => call(`${api}/v1.0/secrets/${path}`, { headers: token });
    expect(await secret('secrets/mail')).toMatchObject({ status: 200, json: { user: 'todo', password: 'quiet' } });
    expect(await secret('secrets/plain')).toMatchObject({ status: 200, json: { plain: 'word' } });
    const all = await secret('secrets/bulk');
    expect(all.json).toMatchObject({ kafka: { brokers: world().kafka.bootstrap }, mail: { user: 'todo' }, plain: { plain: 'word' } });
    expect(all.json).not.toHaveProperty('forbidden');
  });

  it('refuses secrets that are not there, not allowed, or in no store', async () => {
    const cases: [path: string, status: number, json: object][] = [
      ['secrets/nope', 500, { errorCode: 'ERR_SECRET_GET', message: 'failed getting secret with key nope from secret store secrets: secret nope not found' }],
      ['secrets/forbidden', 403, { errorCode: 'ERR_PERMISSION_DENIED', message: 'access denied by policy to get "forbidden" from "secrets"' }],
      ['vault/mail', 401, { errorCode: 'ERR_SECRET_STORE_NOT_FOUND', message: 'failed finding secret store with key vault' }],
    ];
    for (const [path, status, json] of cases) expect(await call(`${api}/v1.0/secrets/${path}`, { headers: token })).toMatchObject({ status, json });
  });

  it('describes its components and subscriptions, and keeps a word for the app', async () => {
    expect((await call(`${api}/v1.0/metadata/colour`, { method: 'PUT', body: 'blue', headers: token })).status).toBe(204);
    const { status, json } = await call(`${api}/v1.0/metadata`, { headers: token });
    expect(status).toBe(200);
    const { components, ...rest } = json as { components: { name: string; type: string; version: string }[] };
    expect(components.map(({ name, type, version }) => `${name} ${type} ${version}`).sort()).toEqual(['pubsub pubsub.kafka v1', 'secrets secretstores.local.file v1', 'state state.postgresql v2']);
    expect(rest).toMatchObject({
      id: 'orders',
      runtimeVersion: '1.18.2',
      extended: { colour: 'blue' },
      subscriptions: [{ pubsubname: 'pubsub', topic, rules: [{ path: `/events/${topic}` }], deadLetterTopic: '', type: 'DECLARATIVE' }],
      appConnectionProperties: { port: app.port, protocol: 'http', channelAddress: '127.0.0.1' },
    });
  });

  it('ends when it is asked to', async () => {
    const app = await world().app();
    const running = await world().start([{ appId: 'ends', podName: 'ends-0', appPort: app.port }], []);
    expect((await call(`${running.url}/v1.0/shutdown`, { method: 'POST' })).status).toBe(204);
    await until('it answers no more', () => call(`${running.url}/v1.0/healthz`).then(() => false, () => true));
  });
}
