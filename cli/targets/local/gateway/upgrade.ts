import type { IncomingMessage } from 'node:http';
import { request as httpRequest, STATUS_CODES } from '../../../../services/kit/http/node-http.ts';
import type { Duplex } from 'node:stream';
import type { Address } from '../../../kafka/access.ts';
import { endToEnd, forwarded, hasTwoHosts } from './headers.ts';
import { type Problem, problemBody, problemHeaders } from './problem.ts';
import { isRefused, NO_REPLICA, NO_SERVICE, type Proxy, TWO_HOSTS } from './proxy.ts';

/** A client that says more than this before the handshake is over is made to wait. */
const MOST_EARLY_BYTES = 64 * 1024;

/** Passes a WebSocket through: the handshake is the replica's, the bytes after it are nobody's business here. */
export function forwardUpgrade(proxy: Proxy, request: IncomingMessage, client: Duplex, head: Buffer, opened: (pair: [Duplex, Duplex]) => void): void {
  client.on('error', () => client.destroy());
  if (hasTwoHosts(request)) return refuse(client, TWO_HOSTS);
  const candidates = proxy.routes.candidates(request.url ?? '/');
  if (candidates === undefined) return refuse(client, NO_SERVICE);
  const waiting = listenMeanwhile(client, head);
  attempt(candidates, 0);

  function attempt(upstreams: readonly Address[], index: number): void {
    const upstream = upstreams[index];
    if (!upstream) return refuse(client, NO_REPLICA);
    const outgoing = httpRequest({
      host: upstream.host,
      port: upstream.port,
      method: request.method,
      path: request.url,
      setHost: false,
      // No pooled connection: this one never comes back.
      agent: false,
      headers: { ...endToEnd(request.rawHeaders), ...forwarded(request), connection: 'Upgrade', upgrade: request.headers.upgrade ?? 'websocket' },
    });
    const late = setTimeout(() => outgoing.destroy(new Error('late')), proxy.answerMs);
    const gone = (): void => void outgoing.destroy();
    client.once('close', gone);
    outgoing.once('upgrade', (answer, server, serverHead) => {
      clearTimeout(late);
      client.off('close', gone);
      const early = waiting.end();
      client.write(rawHead(answer));
      join(client, server, early, serverHead);
      opened([client, server]);
    });
    outgoing.once('response', (answer) => {
      clearTimeout(late);
      client.write(rawHead(answer, ['connection', 'close']));
      answer.pipe(client);
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      client.off('close', gone);
      if (client.destroyed) return;
      if (!isRefused(error)) return refuse(client, { status: error.message === 'late' ? 504 : 502, detail: 'The service did not take the connection.' });
      proxy.routes.refused(upstream);
      attempt(upstreams, index + 1);
    });
    outgoing.end();
  }
}

/** Keeps what a client says before its replica has answered. A socket that nobody reads would not tell that the client has left. */
function listenMeanwhile(client: Duplex, head: Buffer): { end(): Buffer } {
  let early = head;
  const keep = (bytes: Buffer): void => {
    early = Buffer.concat([early, bytes]);
    if (early.length > MOST_EARLY_BYTES) client.pause();
  };
  const left = (): void => void client.destroy();
  client.on('data', keep).once('end', left);
  return {
    end() {
      client.pause().off('data', keep).off('end', left);
      return early;
    },
  };
}

function join(client: Duplex, server: Duplex, clientHead: Buffer, serverHead: Buffer): void {
  for (const [here, there] of [[client, server], [server, client]] as const) {
    here.on('error', () => there.destroy());
    here.on('close', () => there.destroy());
  }
  if (clientHead.length > 0) server.write(clientHead);
  if (serverHead.length > 0) client.write(serverHead);
  client.pipe(server);
  server.pipe(client);
}

/** The head of an answer as it came; with `instead`, end-to-end headers and that one. */
function rawHead(answer: IncomingMessage, instead?: readonly [string, string]): string {
  const status = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`;
  const pairs = instead
    ? [...Object.entries(endToEnd(answer.rawHeaders)).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${String(one)}`)), instead.join(': ')]
    : answer.rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${answer.rawHeaders[index + 1]}`] : []));
  return `${[status, ...pairs].join('\r\n')}\r\n\r\n`;
}

function refuse(client: Duplex, problem: Problem): void {
  const body = problemBody(problem);
  const headers = Object.entries({ ...problemHeaders(problem, body), connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  client.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}
