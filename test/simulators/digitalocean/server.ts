import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contract } from './contract.ts';
import type { Faults } from './faults.ts';
import type { Rate } from './rate.ts';
import { notFound, Refusal } from './refusal.ts';
import { type Answer, findRoute, type Route, type Token } from './route.ts';
import type { World } from './world.ts';

/** One request and what became of it. */
export interface Recorded {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  body?: unknown;
  /** Undefined when the connection was ended instead of answered. */
  status?: number;
  /** Of the simulated clock. */
  at: number;
}

export interface Given {
  world: World;
  routes: readonly Route[];
  tokens: Map<string, Token>;
  faults: Faults;
  rate: Rate;
  requests: Recorded[];
  contract?: Contract;
}

/** Listens on a free port of loopback. */
export async function serve(given: Given, port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const server = http.createServer((request, response) => void handle(given, request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(given: Given, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { world, faults, requests } = given;
  const url = new URL(request.url ?? '/', 'http://simulator');
  const text = await textOf(request).catch(() => undefined);
  if (text === undefined) return;
  const recorded: Recorded = { method: request.method ?? 'GET', path: url.pathname, query: Object.fromEntries(url.searchParams), at: world.clock.now() };
  requests.push(recorded);
  const fault = faults.next(recorded.method, recorded.path);
  if (fault?.slow !== undefined) await pause(fault.slow, undefined, { ref: false });
  if (fault?.drop === 'request') return void request.socket.destroy();
  const headers: Record<string, string> = { 'x-request-id': randomUUID() };
  const answer = fault?.status === undefined ? await answerTo(given, request, url, text, recorded, headers) : refused(new Refusal(fault.status, fault.message ?? 'as the test wants it'), headers);
  if (fault?.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
  if (fault?.drop === 'answer') return void request.socket.destroy();
  recorded.status = answer.status;
  send(response, answer, headers);
}

async function answerTo(given: Given, request: http.IncomingMessage, url: URL, text: string, recorded: Recorded, headers: Record<string, string>): Promise<Answer> {
  const { world, tokens, rate, routes, contract } = given;
  try {
    const token = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (token === undefined) throw new Refusal(401, 'Unable to authenticate you.');
    const counted = rate.count();
    Object.assign(headers, counted.headers);
    if (counted.retryAfter !== undefined) {
      headers['retry-after'] = String(counted.retryAfter);
      throw new Refusal(429, 'API rate limit exceeded.');
    }
    const there = findRoute(routes, recorded.method, url.pathname);
    if (there === undefined) {
      world.violate(`${recorded.method} ${url.pathname}: there is no such route`);
      throw notFound();
    }
    const { route, params } = there;
    if (text !== '') recorded.body = parsed(world, recorded, request, text);
    const body = bodyOf(world, route, recorded);
    for (const name of url.searchParams.keys()) if (!route.query.includes(name)) world.violate(`${route.method} ${route.path}: takes no ${name} in its query`);
    if (route.undocumented === undefined) contract?.request(route, params, url.searchParams, recorded.body).forEach(world.violate);
    const missing = route.scopes.filter((scope) => token.scopes?.includes(scope) === false);
    if (missing.length > 0) throw new Refusal(403, `You are missing the required permission ${missing.join(', ')}.`);
    const answer = await route.answer({ world, method: route.method, path: url.pathname, params, query: url.searchParams, body, token });
    // What the simulator answers is held to the same document as what it is asked.
    contract?.response(route, answer).forEach(world.violate);
    return answer;
  } catch (error) {
    if (error instanceof Refusal) return refused(error, headers);
    world.violate(`${recorded.method} ${url.pathname}: the simulator broke: ${String(error instanceof Error ? error.stack : error)}`);
    return refused(new Refusal(500, 'the simulator broke'), headers);
  }
}

function parsed(world: World, { method, path }: Recorded, request: http.IncomingMessage, text: string): unknown {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) world.violate(`${method} ${path}: a body that is not said to be JSON`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'invalid JSON');
  }
}

/** The body as the route takes it. A key too much or a type that is wrong is a mistake of the client, never a case for it to handle. */
function bodyOf(world: World, route: Route, { body }: Recorded): unknown {
  if (route.body === undefined) {
    // digitalocean-js sends {} or null where there is nothing to say.
    if (body !== undefined && body !== null && JSON.stringify(body) !== '{}') world.violate(`${route.method} ${route.path}: takes no body`);
    return undefined;
  }
  const checked = route.body.safeParse(body);
  if (checked.success) return checked.data;
  for (const { path, message } of checked.error.issues) world.violate(`${route.method} ${route.path}: ${path.join('.')}: ${message}`);
  throw new Refusal(422, 'validation error: the body has not the shape that this route takes');
}

function refused(refusal: Refusal, headers: Record<string, string>): Answer {
  return { status: refusal.status, body: { ...refusal.body, request_id: headers['x-request-id'] } };
}

function send(response: http.ServerResponse, { status, body, type }: Answer, headers: Record<string, string>): void {
  if (body === undefined) return void response.writeHead(status, headers).end();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-type': type ?? 'application/json; charset=utf-8' }).end(text);
}

async function textOf(request: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

