import type { Address } from '../../../kafka/access.ts';
import type { Route } from './config.ts';
import { privatePrefix } from './private-paths.ts';

/** How long an upstream that refused a connection is asked last, in ms: about what a restart takes. */
const REST_MS = 500;

/** Which replicas to ask for a path, in order. */
export interface Routes {
  /** Empty when the route has no replicas, undefined when no route fits or the path is private to the platform. */
  candidates: (path: string) => readonly Address[] | undefined;
  /** This replica refused a connection: the others come first for a while. */
  refused: (upstream: Address) => void;
}

/** Longest prefix first; a private path is served only by a route that names it. Within a route round robin, those that refused lately last. `now` is in ms. */
export function createRoutes(routes: readonly Route[], now: () => number): Routes {
  const longestFirst = [...routes].sort((a, b) => b.prefix.length - a.prefix.length);
  const turns = new Map<Route, number>();
  const restsUntil = new Map<Address, number>();
  return {
    candidates(path) {
      const route = longestFirst.find(({ prefix }) => fits(path, prefix));
      if (!route || route.prefix.length < (privatePrefix(path)?.length ?? 0)) return undefined;
      const turn = turns.get(route) ?? 0;
      turns.set(route, turn + 1);
      const start = turn % Math.max(1, route.upstreams.length);
      const inTurn = [...route.upstreams.slice(start), ...route.upstreams.slice(0, start)];
      const rests = (upstream: Address): boolean => (restsUntil.get(upstream) ?? 0) > now();
      return [...inTurn.filter((upstream) => !rests(upstream)), ...inTurn.filter(rests)];
    },
    refused(upstream) {
      restsUntil.set(upstream, now() + REST_MS);
    },
  };
}

/** `/api` fits /api, /api/tasks and /api?x=1, never /apiary; nothing fits a target that is no path. */
export function fits(url: string, prefix: string): boolean {
  if (prefix === '/') return url.startsWith('/');
  if (!url.startsWith(prefix)) return false;
  const next = url[prefix.length];
  return next === undefined || next === '/' || next === '?';
}
