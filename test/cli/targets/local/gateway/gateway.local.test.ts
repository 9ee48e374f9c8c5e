// The gateway over real sockets, before real upstreams.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { jsonLog } from '../../../../../cli/io/json-log.ts';
import { type Gateway, startGateway } from '../../../../../cli/targets/local/gateway/server.ts';
import type { Route } from '../../../../../cli/targets/local/gateway/config.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

async function upstream(handler: Handler): Promise<{ server: Server; host: string; port: number }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  }));
  return { server, host: '127.0.0.1', port: (server.address() as { port: number }).port };
}

interface Said { level: number; msg: string; path?: string }

async function gatewayTo(routes: readonly Route[], answerMs?: number): Promise<Gateway & { url: string; said: Said[] }> {
  const said: Said[] = [];
  const gateway = await startGateway({
    config: { host: '127.0.0.1', port: 0, routes },
    log: jsonLog({ name: 'gateway', write: (line) => said.push(JSON.parse(line) as Said) }),
    now: () => performance.now(),
    ...(answerMs ? { answerMs } : {}),
  });
  closing.push(() => gateway.close(0).catch(() => undefined));
  return { ...gateway, url: `http://127.0.0.1:${gateway.port}`, said };
}

/** A port on which nobody listens. */
async function nobody(): Promise<{ host: string; port: number }> {
  const { server, host, port } = await upstream(() => undefined);
  server.close();
  await once(server, 'close');
  return { host, port };
}

const echo: Handler = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() })));
};
interface Echo { method: string; url: string; headers: Record<string, string>; body: string }

describe('requests', () => {
  test('go on as they are: method, path, query, headers and body', async () => {
    const { url } = await gatewayTo([{ prefix: '/api', upstreams: [await upstream(echo)] }]);
    const answer = (await (await fetch(`${url}/api/tasks?q=a%20b`, { method: 'PATCH', body: '{"title":"ü"}', headers: { 'x-user-id': 'ada', 'x-forwarded-for': '9.9.9.9' } })).json()) as Echo;
    expect(answer).toMatchObject({ method: 'PATCH', url: '/api/tasks?q=a%20b', body: '{"title":"ü"}' });
    expect(answer.headers).toMatchObject({ 'x-user-id': 'ada', host: url.slice('http://'.length), 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
  });

  test('for what is private to the platform: 404, and no service is asked', async () => {
    let asked = 0;
    const { url, port } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((_, response) => { asked += 1; response.end(); })] }]);
    for (const path of ['/metrics', '/readyz', '/livez', '/internal/occurrences', '/events/task-events', '/dapr/subscribe', '/%6detrics']) {
      const { status, headers } = await fetch(`${url}${path}`);
      expect([path, status, headers.get('content-type')]).toEqual([path, 404, 'application/problem+json']);
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/internal/live`);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('404');
    expect(asked).toBe(0);
  });

  test('a body in chunks arrives whole, also with DELETE', async () => {
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [await upstream(echo)] }]);
    for (const method of ['POST', 'DELETE']) {
      const asked = httpRequest({ host: '127.0.0.1', port, method, headers: { 'transfer-encoding': 'chunked' } });
      asked.write('one ');
      asked.end('two');
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      expect(JSON.parse(await textOf(answer))).toMatchObject({ method, body: 'one two' });
    }
  });

  test('10 MB stream through both ways', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((request, response) => void request.pipe(response))] }]);
    const body = Buffer.alloc(10 * 1024 * 1024, 'abcdefg');
    const answer = Buffer.from(await (await fetch(url, { method: 'POST', body })).arrayBuffer());
    expect(answer.equals(body)).toBe(true);
  });

  test('what is written by and by arrives by and by', async () => {
    const goOn = Promise.withResolvers<void>();
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((_, response) => {
      response.write('first');
      void goOn.promise.then(() => response.end('second'));
    })] }]);
    const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('first');
    goOn.resolve();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('second');
  });

  test('status, headers and cookies of the answer are the service\'s', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((_, response) => response.writeHead(418, { 'set-cookie': ['a=1', 'b=2'], etag: '"7"' }).end('tea'))] }]);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.getSetCookie(), answer.headers.get('etag'), await answer.text()]).toEqual([418, ['a=1', 'b=2'], '"7"', 'tea']);
  });

  test('HEAD and 304 have no body and keep the connection usable', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((request, response) => response.writeHead(request.url === '/304' ? 304 : 200, { 'x-a': '1' }).end())] }]);
    expect((await fetch(url, { method: 'HEAD' })).headers.get('x-a')).toBe('1');
    expect((await fetch(`${url}/304`)).status).toBe(304);
    expect((await fetch(url)).status).toBe(200);
  });

  test('replicas take turns', async () => {
    const replicas = await Promise.all(['one', 'two'].map((name) => upstream((_, response) => response.end(name))));
    const { url } = await gatewayTo([{ prefix: '/', upstreams: replicas }]);
    const answers: string[] = [];
    for (let index = 0; index < 4; index++) answers.push(await (await fetch(url)).text());
    expect(answers).toEqual(['one', 'two', 'one', 'two']);
  });

  test('headers that are too large are refused', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream(echo)] }]);
    expect((await fetch(url, { headers: { 'x-large': 'x'.repeat(20_000) } })).status).toBe(431);
  });

  test('the health of the gateway is its own', async () => {
    const { url } = await gatewayTo([]);
    expect(await (await fetch(`${url}/__gateway/healthz`)).json()).toEqual({ status: 'ready' });
  });
});

describe('when a replica is down', () => {
  test('the next one is asked, with the body that nobody had touched', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await nobody(), await upstream(echo)] }]);
    for (const method of ['POST', 'PUT']) {
      expect(await (await fetch(url, { method, body: 'kept' })).json()).toMatchObject({ method, body: 'kept' });
    }
  });

  test('none left: 503, as a problem, with when to try again', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await nobody(), await nobody()] }]);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([503, 'application/problem+json', '1']);
    expect(await answer.json()).toEqual({ type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'No replica of the service is up; it is probably being restarted.' });
  });

  test('no route: 404 as a problem', async () => {
    const { url } = await gatewayTo([{ prefix: '/api', upstreams: [] }]);
    expect(await (await fetch(`${url}/other`)).json()).toMatchObject({ status: 404, detail: 'No service has this path.' });
  });

  test('it breaks the connection: 502, asked once only, and the log has the path without its query', async () => {
    let asked = 0;
    const breaks: Handler = (request) => {
      asked++;
      request.socket.destroy();
    };
    const gateway = await gatewayTo([{ prefix: '/', upstreams: [await upstream(breaks), await upstream(breaks)] }]);
    expect((await fetch(`${gateway.url}/a?secret=1`, { method: 'POST', body: 'x' })).status).toBe(502);
    expect(asked).toBe(1);
    expect(gateway.said.at(-1)).toMatchObject({ level: 40, path: '/a' });
  });

  test('it is cut off in the middle of its answer: the client sees that it is not complete', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      response.on('close', () => undefined);
      setImmediate(() => request.socket.destroy());
    })] }]);
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
  });

  test('it does not answer in time: 504', async () => {
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream(() => undefined)] }], 50);
    expect((await fetch(url)).status).toBe(504);
  });

  test('the client leaves: the replica is told', async () => {
    const told = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    const { url } = await gatewayTo([{ prefix: '/', upstreams: [await upstream((request) => {
      request.once('close', () => told.resolve());
      came.resolve();
    })] }]);
    const leave = new AbortController();
    const asked = fetch(url, { signal: leave.signal });
    await came.promise;
    leave.abort();
    await expect(asked).rejects.toThrow();
    await told.promise;
  });
});

describe('WebSockets', () => {
  async function socketServer(): Promise<{ host: string; port: number; sockets: WebSocketServer }> {
    const { server, host, port } = await upstream((_, response) => response.writeHead(426).end('upgrade'));
    const sockets = new WebSocketServer({ server, path: '/live' });
    sockets.on('connection', (socket, request) => {
      socket.on('message', (data: Buffer) => socket.send(`${request.headers['x-user-id']?.toString()} said ${data.toString()}`));
    });
    return { host, port, sockets };
  }
  const message = async (socket: WebSocket): Promise<string> => String(((await once(socket, 'message')) as [Buffer])[0]);

  test('pass through both ways, with the client\'s headers', async () => {
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [await socketServer()] }]);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live?after=1`, { headers: { 'x-user-id': 'ada' } });
    await once(socket, 'open');
    socket.send('hello');
    expect(await message(socket)).toBe('ada said hello');
    socket.close();
    await once(socket, 'close');
  });

  test('the next replica is tried when one is down; none: 503', async () => {
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [await nobody(), await socketServer()] }, { prefix: '/dead', upstreams: [await nobody()] }]);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
    await once(socket, 'open');
    socket.terminate();
    const dead = new WebSocket(`ws://127.0.0.1:${port}/dead`);
    dead.on('error', () => undefined);
    const [, answer] = (await once(dead, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(503);
  });

  test('a service that refuses the upgrade is heard', async () => {
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [await socketServer()] }]);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/other`);
    socket.on('error', () => undefined);
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(400);
  });

  test('when the replica ends, so does the client\'s socket', async () => {
    const replica = await socketServer();
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [replica] }]);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
    await once(socket, 'open');
    for (const client of replica.sockets.clients) client.terminate();
    await once(socket, 'close');
  });
});

describe('the end', () => {
  test('a request in flight is finished, a new connection is refused', async () => {
    const goOn = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    const gateway = await gatewayTo([{ prefix: '/', upstreams: [await upstream((_, response) => {
      came.resolve();
      void goOn.promise.then(() => response.end('finished'));
    })] }]);
    const asked = fetch(gateway.url, { headers: { connection: 'close' } });
    await came.promise;
    const closed = gateway.close(5000);
    await expect(once(connect(gateway.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
    goOn.resolve();
    expect(await (await asked).text()).toBe('finished');
    await closed;
  });

  test('what hangs is cut when the grace is over', async () => {
    const came = Promise.withResolvers<void>();
    const gateway = await gatewayTo([{ prefix: '/', upstreams: [await upstream(() => came.resolve())] }]);
    const asked = fetch(gateway.url);
    await came.promise;
    await Promise.all([gateway.close(20), expect(asked).rejects.toThrow()]);
  });
});

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
