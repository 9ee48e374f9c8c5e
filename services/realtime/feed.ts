import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { taskChangedSchema } from '../contracts/events.ts';
import type { Dapr } from '../kit/dapr.ts';
import type { Trace } from '../kit/trace.ts';
import type { ReadFeed } from './live-client.ts';

const PAGE = 200;
const pageSchema = z.object({ changes: z.array(taskChangedSchema), position: z.string(), more: z.boolean() });

/** A user's change feed, asked of task-api through Dapr as that user. Throws DaprError, or a ZodError for an answer that is none. */
export function changeFeed(dapr: Pick<Dapr, 'invoke'>, identity: Record<string, string>, trace: Trace): ReadFeed {
  return async (after) => {
    const query = new URLSearchParams({ after, limit: String(PAGE) });
    return pageSchema.parse(await dapr.invoke('task-api', `/api/changes?${query.toString()}`, { headers: identity, trace }));
  };
}

/** What says to task-api who the user is: just what said it to us. A browser's socket has no headers, so it comes as a parameter there. */
export function forwardedIdentity(mode: 'local' | 'jwt', user: string, headers: IncomingHttpHeaders, query: URLSearchParams): Record<string, string> {
  if (mode === 'local') return { 'x-user-id': user };
  return { authorization: headers.authorization ?? `Bearer ${query.get('access_token') ?? ''}` };
}
