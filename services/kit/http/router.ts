import { Problem, badRequest, notFound } from './problem.ts';

/** What a path led to. */
export interface Match<R> {
  readonly route: R;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern<R> {
  readonly parts: readonly string[];
  readonly routes: Map<string, R>;
}

/**
 * Finds the route of a method and path. Fixed parts win over `:names`. Throws Problem 404, 405 (with Allow), or 400 when the
 * path's encoding is broken or holds NUL, which PostgreSQL's text cannot hold.
 */
export class Router<R extends { readonly method: string; readonly path: string }> {
  readonly #patterns: Pattern<R>[] = [];

  constructor(routes: readonly R[]) {
    for (const route of routes) {
      const parts = route.path.split('/').slice(1);
      const shape = shapeOf(parts);
      let pattern = this.#patterns.find((one) => shapeOf(one.parts) === shape);
      if (!pattern) this.#patterns.push((pattern = { parts, routes: new Map() }));
      if (pattern.routes.has(route.method)) throw new Error(`two routes answer ${route.method} ${route.path}`);
      pattern.routes.set(route.method, route);
    }
    this.#patterns.sort((a, b) => (shapeOf(a.parts) < shapeOf(b.parts) ? 1 : -1));
  }

  find(method: string, path: string): Match<R> {
    const parts = path.split('/').slice(1).map(decode);
    const pattern = this.#patterns.find((one) => fits(one.parts, parts));
    if (!pattern) throw notFound();
    const route = pattern.routes.get(method === 'HEAD' ? 'GET' : method);
    if (!route) throw methodNotAllowed(method, [...pattern.routes.keys()]);
    const params: Record<string, string> = {};
    for (const [index, name] of route.path.split('/').slice(1).entries()) {
      if (name.startsWith(':')) params[name.slice(1)] = parts[index] ?? '';
    }
    return { route, params };
  }
}

function methodNotAllowed(method: string, methods: string[]): Problem {
  const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  return new Problem(405, `${method} is not possible here.`, { headers: { allow: allow.sort().join(', ') } });
}

// '*' sorts before letters and digits, so that in descending order a fixed part comes before a name.
function shapeOf(parts: readonly string[]): string {
  return parts.map((part) => (part.startsWith(':') ? '*' : part)).join('/');
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return pattern.length === parts.length && pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]));
}

function decode(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw badRequest('The path is not properly percent-encoded.');
  }
  if (text.includes('\0')) throw badRequest('The path holds a NUL character.');
  return text;
}
