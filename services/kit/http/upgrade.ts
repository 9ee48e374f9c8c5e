import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from './node-http.ts';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { continueTrace } from '../trace.ts';
import { Problem, notFound } from './problem.ts';
import type { Identify, SocketRoute } from './route.ts';

interface UpgradeOptions {
  log: Logger;
  metrics: Metrics;
  identify?: Identify;
}

/** Lets only identified callers through to a socket's handler; the others get their problem as plain HTTP. */
export function handleUpgrades(server: Server, sockets: readonly SocketRoute[], options: UpgradeOptions): void {
  const upgrades = options.metrics.counter('http_upgrades_total', 'WebSocket upgrades, by route and status.');
  server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until its handler has it, nobody else hears of the connection's errors.
    const deaf = (): void => void socket.destroy();
    socket.on('error', deaf);
    const url = raw.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    const query = new URLSearchParams(url.slice(path.length + 1));
    const trace = continueTrace(raw.headers['traceparent'] as string | undefined);
    const log = options.log.child({ trace_id: trace.traceId });
    const route = sockets.find((one) => one.path === path);
    const open = async (): Promise<void> => {
      if (!route) throw notFound();
      if (!options.identify) throw new Error('no identity port');
      const user = await options.identify(raw.headers, query);
      upgrades.inc({ route: route.path, status: 101 });
      socket.off('error', deaf);
      route.handler({ user, query, headers: raw.headers, trace, log, raw, socket, head });
    };
    open().catch((error: unknown) => {
      const problem = error instanceof Problem ? error : new Problem(500, 'Something went wrong on our side.');
      if (problem !== error) log.error({ err: error }, 'an upgrade failed');
      upgrades.inc({ route: route?.path ?? 'unmatched', status: problem.status });
      refuse(socket, problem, path);
    });
  });
}

function refuse(socket: Duplex, problem: Problem, path: string): void {
  const reply = problem.reply(path);
  const body = JSON.stringify(reply.body);
  const headers = { ...reply.headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
