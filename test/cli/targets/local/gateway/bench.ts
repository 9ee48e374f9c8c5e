// The gateway before peers that speak bytes, so that they can say what no HTTP library would.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { jsonLog } from '../../../../../cli/io/json-log.ts';
import type { Route } from '../../../../../cli/targets/local/gateway/config.ts';
import { type Gateway, startGateway } from '../../../../../cli/targets/local/gateway/server.ts';

export interface Peer {
  host: string;
  port: number;
  /** The heads that it was sent, in order. */
  heads: string[];
  /** Its open connections. */
  sockets: Set<Socket>;
}

/** Answers the first bytes of each connection with `answer`; `end` closes the connection after them. */
export async function peer(answer: (head: string) => string | undefined, { end = false } = {}): Promise<Peer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      const head = bytes.toString('latin1');
      heads.push(head);
      const text = answer(head);
      if (text === undefined) return;
      if (end) socket.end(text, 'latin1');
      else socket.write(text, 'latin1');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as { port: number }).port, heads, sockets };
}

export interface Said { level: number; msg: string; path?: string; error?: string }

export async function gatewayTo(routes: readonly Route[], answerMs = 2000): Promise<Gateway & { said: Said[] }> {
  const said: Said[] = [];
  const log = jsonLog({ name: 'gateway', write: (line) => said.push(JSON.parse(line) as Said) });
  const gateway = await startGateway({ config: { host: '127.0.0.1', port: 0, routes }, log, now: () => performance.now(), answerMs });
  onTestFinished(() => gateway.close(0).catch(() => undefined));
  return { ...gateway, said };
}

/** Sends bytes and returns all that comes until the other side closes. */
export async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => { text += chunk.toString(); });
  socket.on('error', () => undefined);
  socket.write(request, 'latin1');
  await once(socket, 'close');
  return text;
}

/** `GET path` with these header lines, on a connection that ends with its answer. */
export const get = (path: string, ...lines: string[]): string => [`GET ${path} HTTP/1.1`, 'Host: todo.example', 'Connection: close', ...lines, '', ''].join('\r\n');

/** A WebSocket's handshake. */
export const upgrade = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: todo.example', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...lines, '', ''].join('\r\n');

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
export const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);
export const ok = (body: string, ...lines: string[]): string => ['HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...lines, '', body].join('\r\n');
