import type { TaskEvent } from '../contracts/events.ts';
import type { Task } from '../contracts/task.ts';
import type { Database, Transaction } from '../kit/database.ts';
import { searchText } from './search.ts';
import { evolve, type TaskState } from './task.ts';

const BATCH = 1000;

/** Writes tasks as they are now into the read projection, in the transaction that made them so. An older state never overwrites a newer one. */
export async function project(tx: Transaction, states: readonly TaskState[]): Promise<void> {
  const gone = states.filter((state) => state.deleted).map((state) => state.task.id);
  if (gone.length > 0) await tx.query('DELETE FROM tasks WHERE id = ANY($1)', [gone]);
  const rows = states.filter((state) => !state.deleted).map(({ task }) => ({ task, search: searchText(task) }));
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO tasks (id, owner, version, completed, created_at, search, task)
     SELECT task->>'id', task->>'owner', (task->>'version')::int, (task->>'completed')::boolean, (task->>'created_at')::timestamptz, search, task
     FROM jsonb_to_recordset($1::jsonb) AS row (task jsonb, search text)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, completed = excluded.completed, search = excluded.search, task = excluded.task
     WHERE tasks.version < excluded.version`,
    [JSON.stringify(rows)],
  );
}

/** One task of its owner as it is now; undefined when there is none, or it is somebody else's. */
export async function findTask(database: Database, owner: string, id: string): Promise<Task | undefined> {
  const { rows } = await database.query<{ task: Task }>('SELECT task FROM tasks WHERE id = $1 AND owner = $2', [id, owner]);
  return rows[0]?.task;
}

/**
 * Builds the read projection anew from the log, in one transaction: readers see the old one until it is done, writers wait.
 * Returns how many tasks it holds.
 */
export async function rebuildProjection(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.query('LOCK TABLE tasks IN EXCLUSIVE MODE');
    await tx.query('DELETE FROM tasks');
    for await (const states of foldedStreams(tx)) await project(tx, states);
    const { rows } = await tx.query<{ tasks: number }>('SELECT count(*) AS tasks FROM tasks');
    return rows[0]?.tasks ?? 0;
  });
}

interface Row {
  stream: string;
  version: number;
  type: TaskEvent['type'];
  data: TaskEvent['data'];
}

/** All streams folded, some at a time. By stream, not by the feed's order: the feed holds back what might still be overtaken. */
async function* foldedStreams(tx: Transaction): AsyncGenerator<TaskState[]> {
  let last: Pick<Row, 'stream' | 'version'> = { stream: '', version: 0 };
  let state: TaskState | undefined;
  for (;;) {
    const { rows } = await tx.query<Row>(
      'SELECT stream, version, type, data FROM events WHERE (stream, version) > ($1, $2) ORDER BY stream, version LIMIT $3',
      [last.stream, last.version, BATCH],
    );
    const done: TaskState[] = [];
    for (const row of rows) {
      if (row.stream !== last.stream) {
        if (state) done.push(state);
        state = undefined;
      }
      state = evolve(state, { type: row.type, data: row.data } as TaskEvent);
      last = row;
    }
    if (rows.length < BATCH && state) done.push(state);
    if (done.length > 0) yield done;
    if (rows.length < BATCH) return;
  }
}
