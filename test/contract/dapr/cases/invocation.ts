import { beforeAll, expect, it } from 'vitest';
import type { TestApp } from '../test-app.ts';
import { call, type World } from '../world.ts';
import { freePorts } from '../../../support/free-ports.ts';

/** One app calls another by its id. */
export function invocationCases(world: () => World): void {
  let callee: TestApp;
  let api: string;

  beforeAll(async () => {
    const caller = await world().app();
    callee = await world().app();
    const [nobody] = (await freePorts(1)) as [number];
    const apps = [
      { appId: 'caller', podName: 'caller-0', appPort: caller.port },
      { appId: 'callee', podName: 'callee-0', appPort: callee.port, appToken: 'callee-token' },
      { appId: 'silent', podName: 'silent-0', appPort: nobody },
    ];
    api = (await world().start(apps, [])).url;
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('passes %s on with query, headers and body', async (method) => {
    const path = `/internal/${method.toLowerCase()}`;
    callee.on(path, () => ({ status: 201, headers: { 'content-type': 'application/vnd.answer+json', 'x-answer': 'yes' }, body: '{"done":true}' }));
    const sent = method === 'GET' || method === 'DELETE' ? {} : { body: { n: 1 } };
    const answer = await call(`${api}/v1.0/invoke/callee/method${path}?a=1&b=two%20words`, { method, headers: { 'x-own': 'mine', 'idempotency-key': 'k-1' }, ...sent });
    expect(answer).toMatchObject({ status: 201, json: { done: true } });
    expect(answer.headers.get('content-type')).toBe('application/vnd.answer+json');
    expect(answer.headers.get('x-answer')).toBe('yes');
    const [received] = await callee.waitFor(path);
    expect(received).toMatchObject({ method, json: method === 'GET' || method === 'DELETE' ? undefined : { n: 1 } });
    expect(Object.fromEntries(new URLSearchParams(received?.url.split('?')[1]))).toEqual({ a: '1', b: 'two words' });
    expect(received?.headers).toMatchObject({ 'x-own': 'mine', 'idempotency-key': 'k-1', 'dapr-caller-app-id': 'caller', 'dapr-callee-app-id': 'callee', 'dapr-caller-namespace': 'default' });
  });

  it('shows the callee its own token and goes on with the trace', async () => {
    const traceparent = '00-aaaabbbbccccddddaaaabbbbccccdddd-1111222233334444-01';
    await call(`${api}/v1.0/invoke/callee/method/traced`, { headers: { traceparent } });
    const [received] = await callee.waitFor('/traced');
    expect(received?.headers['dapr-api-token']).toBe('callee-token');
    expect(received?.headers['traceparent']).toMatch(/^00-aaaabbbbccccddddaaaabbbbccccdddd-[0-9a-f]{16}-01$/);
  });

  it('also finds the app by the dapr-app-id header, whatever the path', async () => {
    await call(`${api}/some/path?q=1`, { headers: { 'dapr-app-id': 'callee' } });
    const [received] = await callee.waitFor('/some/path');
    expect(received?.url).toBe('/some/path?q=1');
    expect(received?.headers['dapr-app-id']).toBeUndefined();
  });

  it.each([400, 404, 409, 422, 500])('passes the status %i of the app on, with its body', async (status) => {
    callee.on(`/status/${status}`, () => ({ status, headers: { 'content-type': 'application/problem+json' }, body: '{"title":"so it is"}' }));
    const answer = await call(`${api}/v1.0/invoke/callee/method/status/${status}`, { body: {} });
    expect(answer).toMatchObject({ status, json: { title: 'so it is' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('answers ERR_DIRECT_INVOKE for an app that nobody knows, and for one that does not listen', async () => {
    for (const appId of ['nobody', 'silent']) {
      const { status, json } = await call(`${api}/v1.0/invoke/${appId}/method/x`, { body: {} });
      expect({ appId, status }).toEqual({ appId, status: 500 });
      expect(json).toEqual({ errorCode: 'ERR_DIRECT_INVOKE', message: expect.stringMatching(new RegExp(`^failed to invoke, id: ${appId}, err: `)) as unknown });
    }
  });

  it('answers 404 to what is no API at all', async () => {
    expect(await call(`${api}/v1.0/nothing/like/this`)).toMatchObject({
      status: 404,
      json: { errorCode: 'ERR_DIRECT_INVOKE', message: 'failed getting app id either from the URL path or the header dapr-app-id' },
    });
    expect((await call(`${api}/v1.0/publish/pubsub/x`)).status).toBe(404);
  });
}
