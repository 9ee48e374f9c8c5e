// Raw HTTP, for what a well-behaved client would not send.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Identify, Route, SocketRoute } from '../../../../services/kit/http/route.ts';
import { serve, type HttpServer, type ServeOptions } from '../../../../services/kit/http/server.ts';
import { Health } from '../../../../services/kit/health.ts';
import { silentLogger } from '../../../../services/kit/log.ts';
import { Metrics } from '../../../../services/kit/metrics.ts';
import { createIdentify } from '../../../../services/kit/identity.ts';

/** Sends the bytes as they are and resolves with everything that came back until the connection ended. */
export async function raw(port: number, ...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(socket, 'close');
  for (const part of parts) socket.write(part);
  await ended;
  return Buffer.concat(chunks).toString();
}

export interface TestServer extends HttpServer {
  readonly metrics: Metrics;
  readonly health: Health;
}

export async function serveForTest(routes: readonly Route[], more: Partial<ServeOptions> & { sockets?: readonly SocketRoute[]; identify?: Identify } = {}): Promise<TestServer> {
  const metrics = new Metrics();
  const health = new Health();
  const identify = createIdentify({ mode: 'local' });
  const server = await serve({ host: '127.0.0.1', port: 0, routes, log: silentLogger, metrics, health, identify, appToken: 'app-token', ...more });
  return Object.assign(server, { metrics, health });
}
