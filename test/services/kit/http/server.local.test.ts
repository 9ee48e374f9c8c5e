import { once } from 'node:events';
import { type IncomingMessage, request as nodeRequest } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Problem } from '../../../../services/kit/http/problem.ts';
import { created, noContent, ok, text, withETag } from '../../../../services/kit/http/reply.ts';
import type { Route } from '../../../../services/kit/http/route.ts';
import { until } from '../scripted-sidecar.ts';
import { raw, serveForTest, type TestServer } from './client-support.ts';

let server: TestServer;
afterEach(() => server.close(0));

const json = { 'content-type': 'application/json' };
const echo: Route = { method: 'POST', path: '/echo', access: 'public', bodyBytes: 100, handler: async (request) => ok(await request.json()) };

describe('a request', () => {
  it('reaches its handler with path, query, user and trace; the reply says which trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    server = await serveForTest([
      { method: 'GET', path: '/api/tasks/:id', access: 'user', handler: ({ params, query, user, trace }) => ok({ params, q: query.get('q'), user, trace: trace.traceId }) },
    ]);
    const response = await fetch(`${server.url}/api/tasks/t%201?q=a%20b`, { headers: { 'x-user-id': 'ada', traceparent } });
    expect(await response.json()).toEqual({ params: { id: 't 1' }, q: 'a b', user: { id: 'ada' }, trace: '0af7651916cd43dd8448eb211c80319c' });
    expect(response.headers.get('x-request-id')).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(response.headers.get('traceparent')).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it('may be answered with text, bytes, nothing, and a place', async () => {
    server = await serveForTest([
      { method: 'GET', path: '/page', access: 'public', handler: () => text('<p>é</p>', 'text/html; charset=utf-8') },
      { method: 'POST', path: '/thing', access: 'public', handler: () => created({ id: 1 }, '/thing/1') },
      { method: 'DELETE', path: '/thing', access: 'public', handler: () => noContent() },
    ]);
    const page = await fetch(`${server.url}/page`);
    expect([page.headers.get('content-type'), page.headers.get('content-length'), await page.text()]).toEqual(['text/html; charset=utf-8', '9', '<p>é</p>']);
    const thing = await fetch(`${server.url}/thing`, { method: 'POST' });
    expect([thing.status, thing.headers.get('location')]).toEqual([201, '/thing/1']);
    const gone = await fetch(`${server.url}/thing`, { method: 'DELETE' });
    expect([gone.status, gone.headers.get('content-length'), await gone.text()]).toEqual([204, null, '']);
  });

  it('by HEAD gets the headers of GET and no body', async () => {
    server = await serveForTest([{ method: 'GET', path: '/', access: 'public', handler: ({ headers }) => withETag(headers, ok({ a: 1 }), '"1"') }]);
    const head = await fetch(server.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag'), await head.text()]).toEqual([200, '7', '"1"', '']);
    const unchanged = await fetch(server.url, { headers: { 'if-none-match': '"1"' } });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
  });

  it('that fails inside is a 500 that tells nothing of why', async () => {
    server = await serveForTest([
      {
        method: 'GET',
        path: '/',
        access: 'public',
        handler: () => {
          throw new Error('password=hunter2');
        },
      },
    ]);
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('hunter2');
  });

  it('is told to stop when its caller goes away', async () => {
    let aborted = (): void => undefined;
    const told = new Promise<void>((resolve) => (aborted = resolve));
    let arrived = (): void => undefined;
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    server = await serveForTest([
      {
        method: 'GET',
        path: '/',
        access: 'public',
        async handler({ signal }) {
          signal.addEventListener('abort', aborted);
          arrived();
          await told;
          return noContent();
        },
      },
    ]);
    const caller = nodeRequest(server.url);
    caller.on('error', () => undefined);
    caller.end();
    await inside;
    caller.destroy();
    await told;
    await until(async () => (await server.metrics.text()).includes('http_requests_total{method="GET",route="/",status="499"} 1'), 2000);
  });

  it.each([
    ['a body that is no JSON', { status: 200, body: { n: 1n } }],
    ['a header with a line feed', { status: 200, headers: { location: '/a\r\nset-cookie: x=1' } }],
    ['a status that is none', { status: 7 }],
  ])('answered with %s is a 500, and the server lives on', async (_, reply) => {
    server = await serveForTest([{ method: 'GET', path: '/', access: 'public', handler: () => reply }]);
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ status: 500 });
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});

describe('a body', () => {
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) => fetch(`${server.url}/echo`, { method: 'POST', body, headers });

  it('is taken as JSON, with a parameter or a +json type too', async () => {
    server = await serveForTest([echo]);
    expect(await (await post('{"a":"é"}')).json()).toEqual({ a: 'é' });
    expect((await post('{}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
    expect((await post('{}', { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
  });

  it.each([
    ['malformed', '{', json, 400],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), json, 400],
    ['empty', '', json, 400],
    ['of another type', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['of a type that only begins alike', '{}', { 'content-type': 'application/jsonish' }, 415],
    ['longer than the limit', JSON.stringify('x'.repeat(200)), json, 413],
    ['with NUL', '{"title":"\\u0000"}', json, 422],
  ] as const)('that is %s is refused with a problem', async (_, body, headers, status) => {
    server = await serveForTest([echo]);
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, instance: '/echo', type: expect.stringMatching(/^urn:todo:problem:/) as string });
  });

  it('without a length is cut off at the limit', async () => {
    server = await serveForTest([echo]);
    const answer = await raw(server.port, `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`, `c8\r\n${'1'.repeat(200)}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/connection: close/i);
  });

  it.each([
    ['of known length', { 'content-length': '8000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('far too long, %s, is answered to a caller who reads only after it has sent all', async (_, headers) => {
    server = await serveForTest([echo]);
    const request = nodeRequest(`${server.url}/echo`, { method: 'POST', headers: { ...json, ...headers } });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end(Buffer.alloc(8_000_000, 'x'));
    const sent = once(request, 'finish');
    const [response] = await answered;
    await sent;
    expect([response.statusCode, await textOf(response)]).toEqual([413, expect.stringContaining('larger than') as string]);
  });

  it('whose caller leaves as soon as it is refused counts as refused', async () => {
    server = await serveForTest([echo]);
    const request = nodeRequest(`${server.url}/echo`, { method: 'POST', headers: { ...json, 'content-length': '8000000' } });
    request.on('error', () => undefined).flushHeaders();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
    await until(async () => (await server.metrics.text()).includes('http_requests_total{method="POST",route="/echo",status="413"} 1'), 5000);
  });

  it('that never ends does not hold the connection', async () => {
    server = await serveForTest([echo]);
    const answer = await raw(server.port, 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that does not fit its schema is refused with each wrong field', async () => {
    const schema = z.strictObject({ title: z.string(), priority: z.enum(['low', 'high']) });
    server = await serveForTest([{ method: 'POST', path: '/echo', access: 'public', handler: async (request) => ok(await request.json(schema)) }]);
    const response = await post('{"priority":"urgent","colour":1}');
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/colour', '/priority', '/title']);
  });

  it('left unread ends the connection, so that its rest is no next request', async () => {
    server = await serveForTest([{ method: 'POST', path: '/', access: 'public', handler: () => noContent() }]);
    const answer = await raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{');
    const [head] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 204 /);
    expect(head).toMatch(/connection: close/i);
  });
});

describe('what may not be', () => {
  it('is told as 404 and 405', async () => {
    server = await serveForTest([echo]);
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
    const wrong = await fetch(`${server.url}/echo`, { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${server.url}/echo?q=%00`, { method: 'POST' })).status).toBe(400);
  });

  it('without a user is 401 on a user route', async () => {
    server = await serveForTest([{ method: 'GET', path: '/mine', access: 'user', handler: ({ user }) => ok(user) }]);
    const response = await fetch(`${server.url}/mine`);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'x-user-id']);
    expect((await fetch(`${server.url}/mine?user=ada`)).status).toBe(401);
  });

  it('without the app token is 401 on a route that Dapr calls', async () => {
    server = await serveForTest([{ method: 'POST', path: '/events/task-events', access: 'app', handler: () => ok({ status: 'SUCCESS' }) }]);
    const call = (headers: Record<string, string>) => fetch(`${server.url}/events/task-events`, { method: 'POST', headers });
    expect((await call({})).status).toBe(401);
    expect((await call({ 'dapr-api-token': 'wrong' })).status).toBe(401);
    expect((await call({ 'dapr-api-token': 'app-token' })).status).toBe(200);
  });

  it('cannot be served by mistake: a route that needs a token or an identity fails at the start', async () => {
    const app: Route = { method: 'POST', path: '/x', access: 'app', handler: () => noContent() };
    const user: Route = { method: 'GET', path: '/y', access: 'user', handler: () => noContent() };
    const without = (key: 'appToken' | 'identify', route: Route) => serveForTest([route], { [key]: undefined });
    await expect(without('appToken', app)).rejects.toThrow('APP_API_TOKEN is missing');
    await expect(without('identify', user)).rejects.toThrow('AUTH_MODE is missing');
    server = await serveForTest([]);
  });

  it('on a taken port fails at the start', async () => {
    server = await serveForTest([]);
    await expect(serveForTest([], { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a slow or hostile caller', () => {
  it('is cut off when its headers do not come', async () => {
    server = await serveForTest([], { limits: { headersMs: 200, requestMs: 400 } });
    expect(await raw(server.port, 'GET / HTTP/1.1\r\nx-slow:')).toMatch(/^HTTP\/1.1 408 /);
  });

  it('is cut off when its body does not come', async () => {
    server = await serveForTest([echo], { limits: { headersMs: 200, requestMs: 400 } });
    expect(await raw(server.port, 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{')).toMatch(/^HTTP\/1.1 4/);
  });

  it.each([
    ['nonsense', 'HELLO\r\n\r\n', /400/],
    ['too many headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, /431/],
    ['two lengths', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{', /400/],
  ])('with %s gets an error and the server lives on', async (_, bytes, status) => {
    server = await serveForTest([echo]);
    expect((await raw(server.port, bytes)).split('\r\n')[0]).toMatch(status);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});

describe('what every process answers', () => {
  it('is that it lives, and whether it is ready', async () => {
    server = await serveForTest([]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.health.add('database', () => Promise.reject(new Error('away')));
    const unready = await fetch(`${server.url}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([503, { ready: false, checks: { database: 'away' } }]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it('is 404 for programmatic subscriptions', async () => {
    server = await serveForTest([]);
    expect((await fetch(`${server.url}/dapr/subscribe`)).status).toBe(404);
  });

  it('are its metrics, by route and never by path', async () => {
    server = await serveForTest([{ method: 'GET', path: '/api/tasks/:id', access: 'public', handler: () => ok({}) }]);
    await fetch(`${server.url}/api/tasks/1`);
    await fetch(`${server.url}/api/tasks/2`);
    await fetch(`${server.url}/secret/place`);
    await raw(server.port, 'PURGE /api/tasks/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const told = await response.text();
    expect(told).toContain('http_requests_total{method="GET",route="/api/tasks/:id",status="200"} 2');
    expect(told).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(told).toContain('api_request_duration_seconds_count{method="GET",route="/api/tasks/:id"} 2');
    expect(told).toContain('method="OTHER"');
    expect(told).not.toContain('secret');
    expect(told).not.toContain('PURGE');
  });
});

describe('closing', () => {
  const slow = (release: Promise<void>, arrived: () => void): Route => ({
    method: 'GET',
    path: '/slow',
    access: 'public',
    async handler() {
      arrived();
      await release;
      return ok({ done: true });
    },
  });

  it('lets a request in flight finish and takes no new one', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let arrived = (): void => undefined;
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    server = await serveForTest([slow(gate, arrived)]);
    const response = fetch(`${server.url}/slow`);
    await inside;
    server.health.stop();
    const closing = server.close(5000);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
    release();
    const finished = await response;
    expect([finished.status, finished.headers.get('connection')]).toEqual([200, 'close']);
    await closing;
  });

  it('cuts what is not finished by the deadline', async () => {
    let arrived = (): void => undefined;
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    server = await serveForTest([slow(new Promise(() => undefined), arrived)]);
    const response = fetch(`${server.url}/slow`);
    const cut = expect(response).rejects.toThrow();
    await inside;
    const began = performance.now();
    await server.close(100);
    expect(performance.now() - began).toBeLessThan(2000);
    await cut;
  });
});

describe('a problem thrown by a handler', () => {
  it('is answered with its headers', async () => {
    server = await serveForTest([
      {
        method: 'GET',
        path: '/',
        access: 'public',
        handler: () => {
          throw new Problem(503, 'Come back.', { headers: { 'retry-after': '7' } });
        },
      },
    ]);
    const response = await fetch(server.url);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
  });
});
