import type { IncomingMessage, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { Readable, pipeline } from 'node:stream';
import type { Log } from '../../io/json-log.ts';
import { DaprError } from './dapr-error.ts';
import { queryMetadata, readBody, type Answer, type Exchange } from './exchange.ts';
import { createServer } from '../../../services/kit/http/node-http.ts';
import type { Handler, Match } from './router.ts';

const HOST = '127.0.0.1';
const WITHOUT_TOKEN = ['/v1.0/healthz', '/v1.0/healthz/outbound'];

interface Options {
  port: number;
  /** Callers must send it as `dapr-api-token`; health checks need not. */
  apiToken: string | undefined;
  find: (method: string, path: string) => Match | undefined;
  /** Takes what no route fits. */
  fallback: Handler;
  log: Log;
}

export interface Listening {
  /** Answers what is under way, then closes the port and every connection. */
  close(): Promise<void>;
}

/** The HTTP API of one app's sidecar, on loopback. */
export async function listen(options: Options): Promise<Listening> {
  let closing = false;
  const server = createServer((incoming, outgoing) => {
    // Of an answer under way when the end comes, nobody may wait for the connection's next request.
    outgoing.once('finish', () => closing && incoming.socket.end());
    void answer(incoming, outgoing, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    close: async () => {
      closing = true;
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, options: Options): Promise<void> {
  try {
    write(outgoing, await respond(incoming, options));
  } catch (error) {
    if (outgoing.headersSent) return void outgoing.destroy();
    write(outgoing, failure(error, options.log));
  } finally {
    // An answer before the end of the body: the rest must not be taken for the next request.
    if (!incoming.complete) incoming.resume();
  }
}

function write(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  if (body instanceof Readable) {
    outgoing.writeHead(status, headers);
    // A callee that breaks off half-way: the caller must see a broken answer, not a short one.
    return void pipeline(body, outgoing, (error) => error && outgoing.destroy());
  }
  outgoing.writeHead(status, { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) });
  outgoing.end(body);
}

function failure(error: unknown, log: Log): Answer {
  const known = error instanceof DaprError ? error : new DaprError(500, 'ERROR', (error as Error).message);
  if (!(error instanceof DaprError)) log.error('request failed', { err: (error as Error).stack });
  return { status: known.status, headers: { 'content-type': 'application/json' }, body: known.body() };
}

async function respond(incoming: IncomingMessage, { apiToken, find, fallback }: Options): Promise<Answer> {
  const url = new URL(incoming.url ?? '/', 'http://sidecar');
  const method = incoming.method ?? 'GET';
  if (!allowed(incoming, url.pathname, apiToken)) {
    return { status: 401, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'invalid api token\n' };
  }
  delete incoming.headers['dapr-api-token'];
  const match = find(method, url.pathname);
  const exchange: Exchange = {
    method,
    path: decode(url.pathname),
    query: url.searchParams,
    headers: incoming.headers,
    params: Object.fromEntries(Object.entries(match?.params ?? {}).map(([name, value]) => [name, decode(value)])),
    incoming,
    metadata: () => queryMetadata(url.searchParams),
    body: () => readBody(incoming),
  };
  return await (match?.handler ?? fallback)(exchange);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function allowed(incoming: IncomingMessage, path: string, token: string | undefined): boolean {
  if (token === undefined || (incoming.method === 'GET' && WITHOUT_TOKEN.includes(path.replace(/\/+$/, '')))) return true;
  const sent = Buffer.from(String(incoming.headers['dapr-api-token'] ?? ''));
  const wanted = Buffer.from(token);
  return sent.length === wanted.length && timingSafeEqual(sent, wanted);
}
