import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { appClient } from '../../../../cli/sidecar/app/app-client.ts';
import { appListens } from '../../../../cli/sidecar/app/app-port.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import { TestApp } from '../../../contract/dapr/test-app.ts';
import { freePorts } from '../../../support/free-ports.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A server of raw bytes: `onRequest` decides what each connection does with its n-th request. */
async function rawServer(onRequest: (socket: Socket, connection: number, request: number) => void): Promise<number> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    const connection = ++connections;
    let requests = 0;
    socket.on('data', () => onRequest(socket, connection, ++requests));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

describe('the way to an app', () => {
  it('keeps its connection, and takes another one when the app closed it between two requests', async () => {
    const port = await rawServer((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const client = appClient(port, undefined);
    cleanups.push(() => client.close());
    const send = (): Promise<{ status: number }> => client.send({ method: 'POST', path: '/', headers: { 'content-length': 2 }, body: Buffer.from('{}') });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
  });

  it('does not repeat a request that a new connection broke off', async () => {
    let requests = 0;
    const port = await rawServer((socket) => {
      requests++;
      socket.resetAndDestroy();
    });
    const client = appClient(port, undefined);
    cleanups.push(() => client.close());
    await expect(client.send({ method: 'POST', path: '/', headers: {}, body: Buffer.from('{}') })).rejects.toThrow();
    expect(requests).toBe(1);
  });

  it('passes a body on as it comes', async () => {
    const app = await TestApp.listen();
    const client = appClient(app.port, 'token');
    cleanups.push(() => app.close(), () => client.close());
    const { status } = await client.send({ method: 'PUT', path: '/streamed?q=1', headers: {}, body: Readable.from(['one ', 'two ', 'three']) });
    expect(status).toBe(200);
    expect(app.seen('/streamed')[0]).toMatchObject({ method: 'PUT', url: '/streamed?q=1', text: 'one two three', headers: { 'dapr-api-token': 'token' } });
  });

  it('gives up when its deadline has passed', async () => {
    const port = await rawServer(() => undefined);
    const client = appClient(port, undefined);
    cleanups.push(() => client.close());
    await expect(client.send({ method: 'GET', path: '/', headers: {}, signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort/i);
  });
});

describe('waiting for an app', () => {
  it('ends when it listens', async () => {
    const [port] = (await freePorts(1)) as [number];
    const waiting = appListens(port, { clock: systemClock, stop: new AbortController().signal });
    const app = await TestApp.listen(port);
    cleanups.push(() => app.close());
    await waiting;
  });

  it('ends when nobody wants it any more', async () => {
    const [port] = (await freePorts(1)) as [number];
    const stop = new AbortController();
    const waiting = appListens(port, { clock: systemClock, stop: stop.signal });
    stop.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
  });
});
