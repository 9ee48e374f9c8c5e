import type { Agent, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from '../../../../services/kit/http/node-http.ts';
import type { Log } from '../../../io/json-log.ts';
import type { Address } from '../../../kafka/access.ts';
import { endToEnd, forwarded, hasBody, hasTwoHosts } from './headers.ts';
import { type Problem, problemBody, problemHeaders } from './problem.ts';
import type { Routes } from './routes.ts';

export interface Proxy {
  routes: Routes;
  agent: Agent;
  log: Log;
  /** How long a replica may take until its first header, in ms. */
  answerMs: number;
}

export const TWO_HOSTS: Problem = { status: 400, detail: 'A request names its host once.' };
export const NO_SERVICE: Problem = { status: 404, detail: 'No service has this path.' };
export const NO_REPLICA: Problem = { status: 503, detail: 'No replica of the service is up; it is probably being restarted.' };

/** Hands a request to a replica and its answer back, streaming both ways with back-pressure. */
export function forward(proxy: Proxy, request: IncomingMessage, response: ServerResponse): void {
  if (hasTwoHosts(request)) return refuse(response, TWO_HOSTS);
  const candidates = proxy.routes.candidates(request.url ?? '/');
  if (candidates === undefined) return refuse(response, NO_SERVICE);
  attempt(proxy, request, response, candidates, 0);
}

function attempt(proxy: Proxy, request: IncomingMessage, response: ServerResponse, candidates: readonly Address[], index: number): void {
  const upstream = candidates[index];
  if (!upstream) return refuse(response, NO_REPLICA);
  const outgoing = httpRequest({
    agent: proxy.agent,
    host: upstream.host,
    port: upstream.port,
    method: request.method,
    path: request.url,
    setHost: false,
    headers: {
      ...endToEnd(request.rawHeaders),
      ...forwarded(request),
      ...(request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
    },
  });
  const late = setTimeout(() => outgoing.destroy(new Error('late')), proxy.answerMs);
  const gone = (): void => void outgoing.destroy();
  response.once('close', gone);

  outgoing.once('response', (answer) => {
    clearTimeout(late);
    const { statusCode = 0 } = answer;
    if (statusCode < 200) return void outgoing.destroy(new Error(`it answered with status ${statusCode}`));
    response.writeHead(statusCode, endToEnd(answer.rawHeaders));
    // A body that was promised and is cut off must not look complete.
    answer.once('error', () => response.destroy());
    answer.pipe(response);
  });
  const failed = (error: NodeJS.ErrnoException): void => {
    clearTimeout(late);
    response.off('close', gone);
    if (response.headersSent || response.destroyed) return void response.destroy();
    if (isRefused(error)) {
      // Nothing was sent yet, so nothing can happen twice.
      proxy.routes.refused(upstream);
      return attempt(proxy, request, response, candidates, index + 1);
    }
    proxy.log.warn('a replica did not answer', { upstream: `${upstream.host}:${upstream.port}`, method: request.method, path: pathOnly(request), error: error.message });
    if (error.message === 'late') return refuse(response, { status: 504, detail: 'The service did not answer in time.' });
    refuse(response, { status: 502, detail: 'The service broke the connection before it answered. Whether it has done what was asked is not known.' });
  };
  outgoing.once('error', failed);
  outgoing.once('upgrade', (_, socket) => {
    socket.destroy();
    failed(new Error('it changed the protocol without being asked'));
  });
  send(request, outgoing);
}

/** The body is touched only once a replica has taken the connection; before, another one may be tried. */
function send(request: IncomingMessage, outgoing: ReturnType<typeof httpRequest>): void {
  if (!hasBody(request)) return void outgoing.end();
  outgoing.flushHeaders();
  outgoing.once('socket', (socket) => {
    const start = (): void => void request.pipe(outgoing);
    if (socket.connecting) socket.once('connect', start);
    else start();
  });
}

export function isRefused(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNREFUSED';
}

function refuse(response: ServerResponse, problem: Problem): void {
  const body = problemBody(problem);
  response.writeHead(problem.status, problemHeaders(problem, body)).end(body);
}

/** Queries may hold what a user typed; logs have the path alone. */
function pathOnly({ url }: IncomingMessage): string {
  return (url ?? '/').split('?')[0] ?? '/';
}
