import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../../services/kit/http/client.ts';

let server: Server;
let handler: (message: IncomingMessage, response: ServerResponse) => void;
let connections: number;
let client: HttpClient;
beforeEach(async () => {
  connections = 0;
  server = createServer((message, response) => handler(message, response));
  server.on('connection', () => void (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = createHttpClient();
});
afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const call = (more: Partial<Parameters<HttpClient['call']>[0]> = {}) =>
  client.call({ method: 'GET', host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: '/', timeoutMs: 2000, ...more });

describe('a call', () => {
  it('sends method, path, headers and body, and gives back status, headers and body', async () => {
    handler = (message, response) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('end', () => response.writeHead(418, { 'x-seen': [message.method, message.url, message.headers['x-a'], message.headers['content-length']].join(' ') }).end(Buffer.concat(chunks)));
    };
    const answer = await call({ method: 'POST', path: '/a?b=c', headers: { 'x-a': '1' }, body: 'é' });
    expect([answer.status, answer.headers['x-seen'], answer.body.toString()]).toEqual([418, 'POST /a?b=c 1 2', 'é']);
  });

  it('keeps its connection for the next one', async () => {
    handler = (_, response) => void response.end('ok');
    for (let n = 0; n < 5; n += 1) await call();
    expect(connections).toBe(1);
  });

  it('is not harmed by the time limit of an earlier one on the same connection', async () => {
    handler = (_, response) => void response.end('ok');
    await call({ timeoutMs: 150 });
    handler = (_, response) => void setTimeout(() => response.end('late'), 300);
    expect((await call()).body.toString()).toBe('late');
    expect(connections).toBe(1);
  });

  it('ends at its time limit, when nothing comes or when it comes too slowly', async () => {
    handler = () => undefined;
    await expect(call({ timeoutMs: 50 })).rejects.toThrow();
    handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('some');
    };
    await expect(call({ timeoutMs: 100 })).rejects.toThrow();
  });

  it('ends when it is no longer wanted', async () => {
    const stop = new AbortController();
    handler = () => stop.abort(new Error('not wanted'));
    await expect(call({ signal: stop.signal })).rejects.toThrow();
  });

  it('whose answer breaks off in the middle fails', async () => {
    handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('some', () => response.destroy());
    };
    await expect(call()).rejects.toThrow();
  });

  it('to nobody fails at once', async () => {
    await expect(client.call({ method: 'GET', host: '127.0.0.1', port: 1, path: '/', timeoutMs: 2000 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
