import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { SocketRoute } from '../../../../services/kit/http/route.ts';
import { until } from '../scripted-sidecar.ts';
import { raw, serveForTest, type TestServer } from './client-support.ts';

let server: TestServer;
afterEach(() => server.close(0));

const wss = new WebSocketServer({ noServer: true });
const live: SocketRoute = {
  path: '/live',
  handler({ user, query, raw: message, socket, head }) {
    wss.handleUpgrade(message, socket, head, (ws) => ws.send(JSON.stringify({ user: user.id, after: query.get('after') })));
  },
};

async function firstMessage(path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  try {
    return await new Promise((resolve, reject) => {
      ws.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
      ws.once('error', reject);
    });
  } finally {
    ws.terminate();
  }
}

const UPGRADE = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n';

describe('a socket', () => {
  it('reaches its handler with its user, by header or, for browsers, by query', async () => {
    server = await serveForTest([], { sockets: [live] });
    expect(await firstMessage('/live?after=7-1', { 'x-user-id': 'ada' })).toEqual({ user: 'ada', after: '7-1' });
    expect(await firstMessage('/live?user=bob')).toEqual({ user: 'bob', after: null });
  });

  it('of nobody is refused as HTTP, with the problem', async () => {
    server = await serveForTest([], { sockets: [live] });
    const answer = await raw(server.port, `GET /live HTTP/1.1\r\nhost: x\r\n${UPGRADE}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/);
    expect(answer).toContain('www-authenticate: x-user-id');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 401, instance: '/live' });
    expect(await server.metrics.text()).toContain('http_upgrades_total{route="/live",status="401"} 1');
  });

  it('on another path is 404', async () => {
    server = await serveForTest([], { sockets: [live] });
    await expect(firstMessage('/lives?user=ada')).rejects.toThrow('404');
  });

  it('is an ordinary request where there are no sockets', async () => {
    server = await serveForTest([]);
    const answer = await raw(server.port, `GET /livez HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });

  it('whose caller leaves during identification harms nobody', async () => {
    let asked = (): void => undefined;
    const identifying = new Promise<void>((resolve) => (asked = resolve));
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    server = await serveForTest([], {
      sockets: [live],
      async identify() {
        asked();
        await gate;
        return { id: 'ada' };
      },
    });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /live HTTP/1.1\r\nhost: x\r\n${UPGRADE}\r\n`);
    await identifying;
    // Not an end but a reset: the server's side of the connection fails.
    socket.resetAndDestroy();
    await until(() => new Promise((resolve) => server.node.getConnections((_, count) => resolve(count === 0))), 2000);
    answer();
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});
