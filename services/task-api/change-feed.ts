import type { Database } from '../kit/database.ts';
import { feedHead, isPosition, readFeed } from '../kit/event-store.ts';
import { badRequest, type FieldError } from '../kit/http/problem.ts';
import { ok } from '../kit/http/reply.ts';
import type { Route } from '../kit/http/route.ts';
import { readLimit } from './list.ts';
import { changeOf } from './task-log.ts';

const LIMIT = { default: 100, most: 1000 };

/** The position before the first event. */
export const BEGINNING = '0-0';

/**
 * GET /api/changes?after=POSITION&limit= : what happened to the user's tasks after a position, in order and without a gap.
 * `position` is where to go on from, `more` whether that is worth doing at once. `after=latest` answers the position of now.
 */
export function changeFeedRoute(database: Database): Route {
  return {
    method: 'GET',
    path: '/api/changes',
    access: 'user',
    async handler({ query, user }) {
      const { after, limit } = readQuery(query);
      if (after === 'latest') return ok({ changes: [], position: (await feedHead(database)) ?? BEGINNING, more: false });
      const events = await readFeed(database, { after, limit, scope: user.id });
      const changes = events.map(changeOf).filter((change) => change !== undefined);
      return ok({ changes, position: events.at(-1)?.position ?? after, more: events.length === limit });
    },
  };
}

function readQuery(query: URLSearchParams): { after: string; limit: number } {
  const errors: FieldError[] = [];
  const wrong = (pointer: string, detail: string) => void errors.push({ pointer, detail });
  const after = query.get('after') ?? BEGINNING;
  if (after !== 'latest' && !isPosition(after)) wrong('after', 'It is not a position that this feed gave.');
  const limit = readLimit(query, wrong, LIMIT);
  if (errors.length > 0) throw badRequest('Some parameters are wrong.', errors);
  return { after, limit };
}
