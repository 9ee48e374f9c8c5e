import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http';
import { createServer } from './node-http.ts';
import type { AddressInfo } from 'node:net';
import type { Health } from '../health.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { continueTrace, formatTraceparent } from '../trace.ts';
import { appTokenCheck } from './access.ts';
import { fit, parseJson, readBytes, requireJson } from './body.ts';
import { builtInRoutes } from './built-in.ts';
import { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { Identify, Request, Route, SocketRoute, UserRequest } from './route.ts';
import { Router, type Match } from './router.ts';
import { handleUpgrades } from './upgrade.ts';
import { send } from './write.ts';

const BODY_BYTES = 64 * 1024;

export interface ServeOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  routes: readonly Route[];
  sockets?: readonly SocketRoute[];
  log: Logger;
  metrics: Metrics;
  health: Health;
  /** Needed by routes with access 'user' and by sockets. */
  identify?: Identify;
  /** Needed by routes with access 'app'. */
  appToken?: string;
  /** Time-outs against slow and hostile callers. */
  limits?: { headersMs?: number; requestMs?: number; idleMs?: number };
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  readonly node: NodeServer;
  /** Takes no new requests, lets those in flight finish for at most `deadlineMs`, then cuts. Upgraded sockets are their owner's. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * Serves the routes, and `/livez`, `/readyz`, `/metrics`, on plain node:http; resolves when it listens. Every error a caller
 * sees is an RFC 9457 problem; what is no Problem is a 500 without its message. Rejects when the port is taken, and when a
 * route needs an identity or an app token that is not there.
 */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const { log, metrics, health, limits = {} } = options;
  const routes = [...options.routes, ...builtInRoutes(health, metrics)];
  const router = new Router(routes);
  const allowed = appTokenCheck(routes, options.appToken);
  if (!options.identify && (options.sockets?.length || routes.some((route) => route.access === 'user'))) {
    throw new Error('AUTH_MODE is missing: a route asks who the user is');
  }
  const requests = metrics.counter('http_requests_total', 'HTTP requests, by route and status.');
  const durations = metrics.histogram('api_request_duration_seconds', 'Time to answer an HTTP request.');
  const inFlight = new Set<ServerResponse>();

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const began = performance.now();
    inFlight.add(response);
    const { pathname, search } = splitUrl(message.url ?? '/');
    const method = message.method ?? 'GET';
    const trace = continueTrace(message.headers['traceparent'] as string | undefined);
    const requestLog = log.child({ trace_id: trace.traceId });
    let route = 'unmatched';
    let reply: Reply;
    try {
      const match = router.find(method, pathname);
      route = match.route.path;
      const request = makeRequest(message, response, match, pathname, search, { trace, log: requestLog });
      reply = await call(match.route, request, options.identify, allowed);
    } catch (error) {
      reply = problemOf(error, requestLog).reply(pathname);
    }
    const headers = { 'x-request-id': trace.traceId, traceparent: formatTraceparent(trace), ...(health.stopping ? { connection: 'close' } : {}) };
    const status = await send(message, response, reply, headers).catch((error: unknown) => {
      // A body that is no JSON, a header with a line feed: the handler's mistake, and nobody else's trouble.
      return send(message, response, problemOf(error, requestLog).reply(pathname), headers);
    });
    inFlight.delete(response);
    const seconds = (performance.now() - began) / 1000;
    requests.inc({ method: knownMethod(method), route, status });
    durations.observe({ method: knownMethod(method), route }, seconds);
    const line = { method, route, status, ms: Math.round(seconds * 1e4) / 10 };
    if (QUIET.has(route)) requestLog.debug(line, 'request');
    else requestLog.info(line, 'request');
  };

  const server = createServer({
    headersTimeout: limits.headersMs ?? 10_000,
    requestTimeout: limits.requestMs ?? 30_000,
    keepAliveTimeout: limits.idleMs ?? 65_000,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs ?? 1000),
    maxHeaderSize: 16 * 1024,
    // `Upgrade: h2c` and the like are passed over, as HTTP allows.
    shouldUpgradeCallback: (message) => message.headers.upgrade?.toLowerCase() === 'websocket' && (options.sockets?.length ?? 0) > 0,
  });
  server.on('request', (message, response) => void answer(message, response));
  handleUpgrades(server, options.sockets ?? [], { log, metrics, ...(options.identify ? { identify: options.identify } : {}) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://${options.host}:${port}`, node: server, close: (deadlineMs) => close(server, inFlight, deadlineMs) };
}

// Probes come every second and say nothing new.
const QUIET = new Set(['/livez', '/readyz', '/metrics']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

// A label must not take whatever a caller invents.
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'OTHER';
}

async function call(route: Route, request: Request, identify: Identify | undefined, allowed: (request: Request) => void): Promise<Reply> {
  if (route.access === 'app') allowed(request);
  if (route.access !== 'user') return route.handler(request);
  if (!identify) throw new Error('no identity port');
  const user = await identify(request.headers);
  return route.handler(Object.assign(request, { user }) satisfies UserRequest);
}

function makeRequest(
  message: IncomingMessage,
  response: ServerResponse,
  match: Match<Route>,
  path: string,
  search: string,
  context: Pick<Request, 'trace' | 'log'>,
): Request {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the caller went away'));
  });
  const limit = match.route.bodyBytes ?? BODY_BYTES;
  const query = new URLSearchParams(search);
  for (const value of query.values()) if (value.includes('\0')) throw new Problem(400, 'The query holds a NUL character.');
  return {
    method: match.route.method,
    path,
    params: match.params,
    query,
    headers: message.headers,
    ...context,
    signal: gone.signal,
    bytes: () => readBytes(message, limit),
    async json<T>(schema?: Parameters<typeof fit<T>>[0]) {
      requireJson(message);
      const value = parseJson(await readBytes(message, limit));
      return schema ? fit(schema, value) : (value as T);
    },
  };
}

function problemOf(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) {
    if (error.status >= 500) log.warn({ err: error }, 'could not answer');
    return error;
  }
  log.error({ err: error }, 'a handler failed');
  return new Problem(500, 'Something went wrong on our side. The request id says where to look.');
}

function splitUrl(url: string): { pathname: string; search: string } {
  const at = url.indexOf('?');
  return at < 0 ? { pathname: url, search: '' } : { pathname: url.slice(0, at), search: url.slice(at + 1) };
}

async function close(server: NodeServer, inFlight: ReadonlySet<ServerResponse>, deadlineMs: number): Promise<void> {
  // Idle kept connections end with it.
  server.close();
  const finished = Promise.all([...inFlight].map((response) => new Promise((resolve) => response.once('close', resolve))));
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise((resolve) => (timer = setTimeout(resolve, deadlineMs)));
  await Promise.race([finished, deadline]);
  clearTimeout(timer);
  server.closeAllConnections();
}
