import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { DaprError } from '../../../../cli/sidecar/http/dapr-error.ts';
import { json, type Answer, type Exchange } from '../../../../cli/sidecar/http/exchange.ts';
import { refusedRoutes } from '../../../../cli/sidecar/http/refused-routes.ts';
import { router, type Route } from '../../../../cli/sidecar/http/router.ts';
import { listen, type Listening } from '../../../../cli/sidecar/http/server.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import { freePorts } from '../../../support/free-ports.ts';

let server: Listening | undefined;
const logged: string[] = [];

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(routes: readonly Route[], apiToken?: string): Promise<{ port: number; url: string }> {
  const [port] = (await freePorts(1)) as [number];
  const fallback = (exchange: Exchange): Answer => json(404, { path: exchange.path });
  server = await listen({ port, apiToken, find: router(routes), fallback, log: jsonLog({ name: 'sidecar', write: (line) => logged.push(line) }) });
  return { port, url: `http://127.0.0.1:${port}` };
}

const echo: Route = {
  methods: ['POST'],
  path: '/echo/{name}',
  handler: async (exchange) => json(200, { name: exchange.params['name'], metadata: exchange.metadata(), body: (await exchange.body()).toString('utf8') }),
};

describe('the HTTP server of a sidecar', () => {
  it('decodes what stands in the path, and takes the metadata out of the query', async () => {
    const { url } = await serve([echo]);
    const answer = await fetch(`${url}/echo/a%2Fb%20c?metadata.partitionKey=k%201&metadata.partitionKey=second&other=x`, { method: 'POST', body: 'hello' });
    expect(await answer.json()).toEqual({ name: 'a/b c', metadata: { partitionKey: 'k 1' }, body: 'hello' });
  });

  it('answers an error in the shape of daprd, and keeps a bug out of it', async () => {
    const routes: Route[] = [
      { methods: ['GET'], path: '/known', handler: () => { throw new DaprError(418, 'ERR_TEAPOT', 'short and stout'); } },
      { methods: ['GET'], path: '/bug', handler: () => { throw new TypeError('of undefined'); } },
    ];
    const { url } = await serve(routes);
    const known = await fetch(`${url}/known`);
    expect([known.status, await known.json()]).toEqual([418, { errorCode: 'ERR_TEAPOT', message: 'short and stout' }]);
    const bug = await fetch(`${url}/bug`);
    expect([bug.status, await bug.json()]).toEqual([500, { errorCode: 'ERROR', message: 'of undefined' }]);
    expect(logged.at(-1)).toContain('TypeError: of undefined');
  });

  it('refuses a body of more than 4 MiB and lives on', async () => {
    const { url } = await serve([echo]);
    const large = await fetch(`${url}/echo/x`, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024 + 1) });
    expect(await large.json()).toMatchObject({ message: 'stream too large' });
    expect((await fetch(`${url}/echo/x`, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024) })).status).toBe(200);
  });

  it('takes garbage for a bad request and lives on', async () => {
    const { port, url } = await serve([echo]);
    const socket = connect(port, '127.0.0.1');
    socket.write('\0\x01garbage\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  it('wants the token of everything but a health check', async () => {
    const healthy: Route = { methods: ['GET'], path: '/v1.0/healthz', handler: () => ({ status: 204 }) };
    const { url } = await serve([healthy, echo], 'let-me-in');
    const status = async (path: string, init: RequestInit = {}): Promise<number> => (await fetch(url + path, init)).status;
    expect(await status('/v1.0/healthz')).toBe(204);
    expect(await status('/echo/x', { method: 'POST' })).toBe(401);
    expect(await status('/echo/x', { method: 'POST', headers: { 'dapr-api-token': 'let-me-out' } })).toBe(401);
    expect(await status('/echo/x', { method: 'POST', headers: { 'dapr-api-token': 'let-me-in' } })).toBe(200);
  });

  it('finishes the answer that is under way before it closes', async () => {
    let release = (): void => undefined;
    const slow: Route = { methods: ['GET'], path: '/slow', handler: () => new Promise((resolve) => (release = () => resolve(json(200, 'done')))) };
    const { url } = await serve([slow]);
    const asking = fetch(`${url}/slow`);
    while (release.length === 0 && release.toString() === '() => undefined') await new Promise((resolve) => setImmediate(resolve));
    const closing = server?.close();
    release();
    expect(await (await asking).json()).toBe('done');
    await closing;
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
    server = undefined;
  });

  it.each(['/v1.0/jobs/nightly', '/v1.0/actors/task/1/method/wake', '/v1.0/bindings/cron', '/v1.0/workflows/dapr/x/start', '/v1.0-alpha1/lock/store'])('says that it has no %s', async (path) => {
    const { url } = await serve(refusedRoutes());
    const answer = await fetch(url + path, { method: 'POST' });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({ errorCode: 'ERR_API_UNIMPLEMENTED', message: expect.stringContaining('the local sidecar has no') as unknown });
  });
});
