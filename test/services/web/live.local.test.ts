import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { until } from '../../support/until.ts';
import { loadLive } from './browser-modules.ts';

const { follow } = await loadLive();

let server: WebSocketServer;
/** The sockets that the page opened, with the position that each asked for. */
let opened: { socket: WebSocket; after: string | null }[];
let heard: string[];
let states: string[];
let end: () => void;

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  opened = [];
  heard = [];
  states = [];
  server.on('connection', (socket, request) => opened.push({ socket, after: new URL(request.url ?? '/', 'http://x').searchParams.get('after') }));
  const { port } = server.address() as AddressInfo;
  end = follow({
    position: '7-1',
    address: (position) => `ws://127.0.0.1:${port}/live?after=${position}`,
    onChange: ({ position }) => heard.push(position),
    onState: (state) => states.push(state),
  });
});
afterEach(() => {
  end();
  for (const socket of server.clients) socket.terminate();
  server.close();
});
const socketOf = (number: number) => until(`the page has opened socket ${number}`, () => opened[number - 1]);

describe('the page follows what happens', () => {
  test('from the position of its list, and is live once it was told so', async () => {
    const { socket, after } = await socketOf(1);
    expect([after, states]).toEqual(['7-1', ['connecting']]);
    socket.send(JSON.stringify({ type: 'change', position: '7-2' }));
    socket.send(JSON.stringify({ type: 'hello', position: '7-2' }));
    await until('it is live', () => states.at(-1) === 'live');
    expect(heard).toEqual(['7-2']);
  });

  test('and goes on where nothing is missing: from the last hello or ping, not from the last change', async () => {
    const first = await socketOf(1);
    first.socket.send(JSON.stringify({ type: 'hello', position: '7-3' }));
    first.socket.send(JSON.stringify({ type: 'ping', position: '7-5' }));
    first.socket.send(JSON.stringify({ type: 'change', position: '7-9' }));
    await until('it has heard', () => heard.length === 1);
    first.socket.close(1012, 'this replica is going; resume');
    expect((await socketOf(2)).after).toBe('7-5');
  });

  test('and comes back when the connection is cut without a word', async () => {
    (await socketOf(1)).socket.terminate();
    (await socketOf(2)).socket.terminate();
    await socketOf(3);
    expect(new Set(states)).toEqual(new Set(['connecting']));
  });

  test('but not when it was refused', async () => {
    (await socketOf(1)).socket.close(1008, 'after is not a position');
    await until('it says so', () => states.at(-1) === 'refused');
    expect(opened).toHaveLength(1);
  });

  test('until it is ended', async () => {
    const { socket } = await socketOf(1);
    end();
    await once(socket, 'close', { signal: AbortSignal.timeout(5000) });
    expect(opened).toHaveLength(1);
  });
});
