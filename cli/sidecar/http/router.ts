import type { Answer, Exchange } from './exchange.ts';

export type Handler = (exchange: Exchange) => Promise<Answer> | Answer;

/** One line of the API: verbs, a path with `{name}` for one segment and a last `*` for the rest, and what answers. */
export interface Route {
  methods: readonly string[];
  path: string;
  handler: Handler;
}

export interface Match {
  handler: Handler;
  params: Record<string, string>;
}

interface Compiled extends Route {
  segments: string[];
}

function fit(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    if (part === '*') return { ...params, '*': segments.slice(index).join('/') };
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return pattern.length === segments.length ? params : undefined;
}

/** The path's segments, cleaned as daprd does: doubled and trailing slashes do not count. */
function pathSegments(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** Finds the route of a request. Earlier lines win; a fitting path with another verb is no match. */
export function router(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const compiled: Compiled[] = routes.map((route) => ({ ...route, segments: pathSegments(route.path) }));
  return (method, path) => {
    const segments = pathSegments(path);
    for (const route of compiled) {
      const params = route.methods.includes(method) || route.methods.includes('*') ? fit(route.segments, segments) : undefined;
      if (params) return { handler: route.handler, params };
    }
    return undefined;
  };
}
