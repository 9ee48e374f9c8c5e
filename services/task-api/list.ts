import { createHash } from 'node:crypto';
import { PRIORITIES, type Task } from '../contracts/task.ts';
import type { Database } from '../kit/database.ts';
import { badRequest, type FieldError } from '../kit/http/problem.ts';
import { searchForm } from './search.ts';

const LIMIT = { default: 50, most: 200 };

export interface Filter {
  readonly completed?: boolean;
  readonly priority?: string;
  /** The task has all of them. */
  readonly tags: readonly string[];
  /** Part of title, description or a tag, whatever its case. */
  readonly q?: string;
}

export interface ListQuery {
  readonly filter: Filter;
  readonly limit: number;
  /** The last task of the page before. */
  readonly after?: { readonly createdAt: string; readonly id: string };
}

export interface Page {
  readonly tasks: Task[];
  /** For the page after; null on the last. */
  readonly next: string | null;
}

/** Reads the query of GET /api/tasks. Problem 400 that names each wrong parameter. */
export function readListQuery(query: URLSearchParams): ListQuery {
  const errors: FieldError[] = [];
  const wrong = (pointer: string, detail: string) => void errors.push({ pointer, detail });
  for (const name of new Set(query.keys())) if (!PARAMETERS.has(name)) wrong(name, 'There is no such parameter.');
  const completed = query.get('completed');
  if (completed !== null && completed !== 'true' && completed !== 'false') wrong('completed', 'true or false.');
  const priority = query.get('priority');
  if (priority !== null && !(PRIORITIES as readonly string[]).includes(priority)) wrong('priority', `One of ${PRIORITIES.join(', ')}.`);
  const q = query.get('q');
  if (q !== null && q.length > 200) wrong('q', 'At most 200 characters.');
  const filter: Filter = { ...(completed === null ? {} : { completed: completed === 'true' }), ...(priority === null ? {} : { priority }), tags: query.getAll('tag'), ...(q ? { q } : {}) };
  const limit = readLimit(query, wrong, LIMIT);
  const cursor = query.get('cursor');
  const after = cursor === null ? undefined : readCursor(cursor, filter);
  if (cursor !== null && !after) wrong('cursor', 'It is not one that this list gave for these filters.');
  if (errors.length > 0) throw badRequest('Some parameters are wrong.', errors);
  return { filter, limit, ...(after ? { after } : {}) };
}

/** A `limit` parameter from 1 to `most`. */
export function readLimit(query: URLSearchParams, wrong: (pointer: string, detail: string) => void, { default: fallback, most }: typeof LIMIT): number {
  const text = query.get('limit');
  if (text === null) return fallback;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) wrong('limit', `A number from 1 to ${most}.`);
  return limit;
}

/** One page of a user's tasks, the newest first. A task made meanwhile does not shift the pages after. */
export async function listTasks(database: Database, owner: string, { filter, limit, after }: ListQuery): Promise<Page> {
  const { rows } = await database.query<{ task: Task }>(
    `SELECT task FROM tasks
     WHERE owner = $1
       AND ($2::boolean IS NULL OR completed = $2)
       AND ($3::text IS NULL OR task->>'priority' = $3)
       AND task->'tags' @> $4::jsonb
       AND ($5::text IS NULL OR position($5 IN search) > 0)
       AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7::text))
     ORDER BY created_at DESC, id DESC LIMIT $8`,
    [owner, filter.completed, filter.priority, JSON.stringify(filter.tags), filter.q === undefined ? undefined : searchForm(filter.q), after?.createdAt, after?.id, limit + 1],
  );
  const tasks = rows.slice(0, limit).map((row) => row.task);
  const last = tasks.at(-1);
  return { tasks, next: rows.length > limit && last ? writeCursor(last, filter) : null };
}

const PARAMETERS = new Set(['completed', 'priority', 'tag', 'q', 'limit', 'cursor']);

// Opaque to callers, but no secret: it is bound to its filters so that a mix-up is an error and not a wrong page.
function writeCursor(last: Task, filter: Filter): string {
  return Buffer.from(JSON.stringify([1, last.created_at, last.id, sumOf(filter)])).toString('base64url');
}

function readCursor(text: string, filter: Filter): { createdAt: string; id: string } | undefined {
  try {
    const [version, createdAt, id, sum] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (version !== 1 || typeof createdAt !== 'string' || typeof id !== 'string' || sum !== sumOf(filter)) return undefined;
    return new Date(createdAt).toISOString() === createdAt && !id.includes('\0') ? { createdAt, id } : undefined;
  } catch {
    return undefined;
  }
}

function sumOf(filter: Filter): string {
  return createHash('sha256').update(JSON.stringify([filter.completed, filter.priority, filter.tags, filter.q])).digest('base64url').slice(0, 12);
}
