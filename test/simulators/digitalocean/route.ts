import type * as z from 'zod';
import type { World } from './world.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request as a route sees it, its body checked. */
export interface Call<Body = unknown> {
  world: World;
  method: Method;
  path: string;
  /** Values of `{name}` in the route's path, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: Body;
  token: Token;
}

export interface Token {
  value: string;
  /** What it may do, like `kubernetes:read`; undefined is everything. */
  scopes?: readonly string[];
}

export interface Answer {
  status: number;
  /** Sent as JSON, or as it is when it is a text. */
  body?: unknown;
  type?: string;
}

export interface Route {
  method: Method;
  /** `/v2/kubernetes/clusters/{cluster_id}`, spelled as in the OpenAPI document. */
  path: string;
  /** All of these must be among the token's. */
  scopes: readonly string[];
  /** Names that the query may have. */
  query: readonly string[];
  body?: z.ZodType;
  /** The OpenAPI document lacks something of this route that clients use or get; says what. */
  undocumented?: string;
  answer(call: Call): Answer | Promise<Answer>;
}

/** A route whose body, when it takes one, has a shape that nothing may be added to. */
export function route<Shape extends z.ZodType = z.ZodUndefined>(
  method: Method,
  path: string,
  given: { scopes: readonly string[]; query?: readonly string[]; body?: Shape; undocumented?: string },
  answer: (call: Call<z.output<Shape>>) => Answer | Promise<Answer>,
): Route {
  return { method, path, query: [], ...given, answer: (call) => answer(call as Call<z.output<Shape>>) };
}

/** The route of a path, with the values of its parameters; a fixed word wins over a parameter. */
export function findRoute(routes: readonly Route[], method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
  const matches = routes.filter((one) => one.method === method).flatMap((one) => {
    const params = paramsOf(one.path, path);
    return params === undefined ? [] : [{ route: one, params }];
  });
  return matches.toSorted((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) params[name] = decodeURIComponent(value);
  }
  return params;
}

export const PAGE = ['page', 'per_page'] as const;
/** Links of the real API name its own host, wherever the request came in. */
const HOST = 'https://api.digitalocean.com';

/** One page of rows: 20 unless asked for more, 200 at most. */
export function page(call: Call, name: string, rows: readonly unknown[]): Answer {
  const number = (key: string, otherwise: number): number => Number(call.query.get(key) ?? otherwise);
  const [size, at] = [number('per_page', 20), number('page', 1)];
  const last = Math.max(1, Math.ceil(rows.length / size));
  const link = (to: number): string => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(to));
    query.set('per_page', String(size));
    return `${HOST}${call.path}?${query.toString()}`;
  };
  const pages = {
    ...(at > 1 ? { first: link(1), prev: link(at - 1) } : {}),
    ...(at < last ? { next: link(at + 1), last: link(last) } : {}),
  };
  return { status: 200, body: { [name]: rows.slice((at - 1) * size, at * size), links: last > 1 ? { pages } : {}, meta: { total: rows.length } } };
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (body?: unknown): Answer => ({ status: 202, ...(body === undefined ? {} : { body }) });
export const noContent: Answer = { status: 204 };
