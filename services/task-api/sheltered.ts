import { isDatabaseAway } from '../kit/database-errors.ts';
import { Problem } from '../kit/http/problem.ts';
import type { Route } from '../kit/http/route.ts';

/** The routes, answering 503 with Retry-After while the database is away. Whether a change came through is then unknown: an Idempotency-Key makes asking again safe. */
export function sheltered(routes: readonly Route[]): Route[] {
  return routes.map((route) => {
    const open = route as { handler(request: unknown): unknown };
    const handler = async (request: unknown) => {
      try {
        return await open.handler(request);
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        throw new Problem(503, 'The database does not answer. Ask again in a moment.', { headers: { 'retry-after': '1' }, cause: error });
      }
    };
    return { ...route, handler } as Route;
  });
}
