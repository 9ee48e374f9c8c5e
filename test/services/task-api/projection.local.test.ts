import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../../services/contracts/task.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { project, rebuildProjection } from '../../../services/task-api/projection.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { callerOf, type Caller } from '../support/http.ts';
import { APP_TOKEN, runWithDatabase, type RunningWithDatabase } from '../support/running.ts';

let postgres: TestPostgres;
let api: RunningWithDatabase;
let ada: Caller;

beforeAll(async () => {
  postgres = await startTestPostgres();
  api = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations }, taskApi);
  ada = callerOf(api.url, 'ada');
});
afterAll(async () => {
  await api?.stop();
  await postgres?.stop();
});

async function make(fields: Record<string, unknown> = {}): Promise<Task> {
  return (await ada('POST', '/api/tasks', { body: { title: 'Water the plants', ...fields } })).body as Task;
}
const rows = async () => (await api.database.query('SELECT * FROM tasks ORDER BY id')).rows;

describe('the read projection, built anew from the log', () => {
  test('is what it was', async () => {
    const kept = await make({ tags: ['home'], description: 'Straße' });
    await ada('PATCH', `/api/tasks/${kept.id}`, { body: { priority: 'high' } });
    const series = await make({ due: { at: '2026-11-24T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' });
    await ada('POST', `/api/tasks/${series.id}/complete`);
    await callerOf(api.url)('POST', '/internal/occurrences', { body: { task_id: series.id, user_id: 'ada', due: { at: '2026-11-25T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' }, headers: { 'dapr-api-token': APP_TOKEN } });
    const deleted = await make();
    await ada('DELETE', `/api/tasks/${deleted.id}`);
    const before = await rows();
    expect(before).toHaveLength(3);

    await api.database.query(`UPDATE tasks SET task = jsonb_set(task, '{title}', '"spoilt"'), version = 99 WHERE id = $1`, [kept.id]);
    await api.database.query('DELETE FROM tasks WHERE id = $1', [series.id]);
    expect(await rebuildProjection(api.database)).toBe(3);
    expect(await rows()).toEqual(before);
  });

  test('holds streams that lie across the batches in which the log is read', { timeout: 60_000 }, async () => {
    await api.database.query(
      `INSERT INTO events (stream, version, scope, id, type, data)
       SELECT 'bulk-' || lpad(task::text, 4, '0'), version, 'bulk', gen_random_uuid(), CASE version WHEN 1 THEN 'task.created.v1' ELSE 'task.completed.v1' END,
         jsonb_build_object('task_id', 'bulk-' || lpad(task::text, 4, '0'), 'user_id', 'bulk', 'timestamp', '2026-11-21T10:00:00.000Z', 'task_data', jsonb_build_object(
           'id', 'bulk-' || lpad(task::text, 4, '0'), 'title', 'x', 'description', '', 'priority', 'low', 'tags', '[]'::jsonb, 'due', null, 'recurrence', null,
           'completed', version > 1, 'created_at', '2026-11-21T10:00:00.000Z', 'updated_at', '2026-11-21T10:00:00.000Z', 'owner', 'bulk', 'version', version))
       FROM generate_series(1, 777) AS task, generate_series(1, 3) AS version`,
    );
    await rebuildProjection(api.database);
    const { rows: counted } = await api.database.query<{ tasks: number; completed: number; versions: number }>(
      `SELECT count(*) AS tasks, count(*) FILTER (WHERE completed) AS completed, sum(version) AS versions FROM tasks WHERE owner = 'bulk'`,
    );
    // A second completion of what is completed changes the version alone.
    expect(counted[0]).toMatchObject({ tasks: 777, completed: 777 });
    expect(Number(counted[0]?.versions)).toBe(777 * 3);
  });

  test('is not seen half built, and loses nothing that is written meanwhile', async () => {
    const writing = Promise.all(Array.from({ length: 10 }, () => make({ title: 'meanwhile' })));
    const reading: number[] = [];
    const rebuilt = rebuildProjection(api.database);
    for (let n = 0; n < 5; n += 1) reading.push((await api.database.query<{ n: number }>(`SELECT count(*) AS n FROM tasks WHERE owner = 'bulk'`)).rows[0]?.n ?? 0);
    await Promise.all([writing, rebuilt]);
    expect(new Set(reading)).toEqual(new Set([777]));
    expect(((await ada('GET', '/api/tasks?q=meanwhile')).body as { tasks: Task[] }).tasks).toHaveLength(10);
  });
});

test('an older state never overwrites a newer one', async () => {
  const task = await make();
  await ada('PATCH', `/api/tasks/${task.id}`, { body: { title: 'newer' } });
  await api.database.transaction((tx) => project(tx, [{ task, deleted: false, successor: null }]));
  expect((await ada('GET', `/api/tasks/${task.id}`)).body).toMatchObject({ title: 'newer', version: 2 });
});
