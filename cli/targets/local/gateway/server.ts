import { once } from 'node:events';
import { Agent, createServer } from '../../../../services/kit/http/node-http.ts';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../../../io/json-log.ts';
import type { GatewayConfig } from './config.ts';
import { forward, type Proxy } from './proxy.ts';
import { createRoutes } from './routes.ts';
import { forwardUpgrade } from './upgrade.ts';

const HEALTH_PATH = '/__gateway/healthz';
const MAX_HEADER_BYTES = 16_384;

export interface Gateway {
  readonly port: number;
  /** Takes no new connections, lets requests in flight end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

export interface GatewayGiven {
  config: GatewayConfig;
  log: Log;
  now: () => number;
  /** How long a replica may take until its first header; 60 s unless told. */
  answerMs?: number;
}

/** One origin for all services: plain HTTP and WebSockets, on loopback. */
export async function startGateway({ config, log, now, answerMs = 60_000 }: GatewayGiven): Promise<Gateway> {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  const proxy: Proxy = { routes: createRoutes(config.routes, now), agent, log, answerMs };
  const upgraded = new Set<Duplex>();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 10_000, requestTimeout: 120_000, keepAliveTimeout: 65_000 }, (request, response) => {
    if (request.url === HEALTH_PATH) return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ready"}\n');
    forward(proxy, request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    forwardUpgrade(proxy, request, socket, head, (pair) => {
      for (const side of pair) {
        upgraded.add(side);
        side.once('close', () => upgraded.delete(side));
      }
    });
  });
  server.listen(config.port, config.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  log.info('listening', { port, routes: config.routes.map(({ prefix, upstreams }) => `${prefix} × ${upstreams.length}`) });
  return {
    port,
    async close(graceMs) {
      const closed = once(server, 'close');
      server.close();
      for (const side of upgraded) side.end();
      const cut = setTimeout(() => {
        server.closeAllConnections();
        for (const side of upgraded) side.destroy();
      }, graceMs);
      await closed;
      clearTimeout(cut);
      for (const side of upgraded) side.destroy();
      agent.destroy();
    },
  };
}
