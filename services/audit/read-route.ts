import type { Database } from '../kit/database.ts';
import { badRequest, type FieldError } from '../kit/http/problem.ts';
import { ok } from '../kit/http/reply.ts';
import type { Route } from '../kit/http/route.ts';
import { readRecords } from './records.ts';

const MOST = 1000;

/** GET /internal/audit?task=&after=&limit= : what was kept, of one task or of all, unmasked; through Dapr only. `next` goes on, null at the end. */
export function readRoute(database: Database): Route {
  return {
    method: 'GET',
    path: '/internal/audit',
    access: 'app',
    async handler({ query }) {
      const errors: FieldError[] = [];
      const after = number(query, 'after', 0, Number.MAX_SAFE_INTEGER, 0, errors);
      const limit = number(query, 'limit', 1, MOST, 100, errors);
      if (errors.length > 0) throw badRequest('Some parameters are wrong.', errors);
      const records = await readRecords(database, { task: query.get('task') ?? undefined, after, limit });
      return ok({ records, next: records.length === limit ? (records.at(-1)?.number ?? null) : null });
    },
  };
}

function number(query: URLSearchParams, name: string, least: number, most: number, fallback: number, errors: FieldError[]): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) errors.push({ pointer: name, detail: `A number from ${least} to ${most}.` });
  return value;
}
