import { expect, test } from 'vitest';
import type { Task } from '../../../services/contracts/task.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { callerOf } from '../support/http.ts';
import { runWithDatabase } from '../support/running.ts';

test('while the database is away every route answers 503 and when to ask again; nothing about why', async () => {
  const postgres = await startTestPostgres();
  const api = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations }, taskApi);
  try {
    const ada = callerOf(api.url, 'ada');
    const { id } = (await ada('POST', '/api/tasks', { body: { title: 'before' } })).body as Task;
    await postgres.stop();
    for (const [method, path, body] of [
      ['GET', '/api/tasks'],
      ['GET', `/api/tasks/${id}`],
      ['GET', `/api/tasks/${id}/history`],
      ['GET', '/api/changes'],
      ['POST', '/api/tasks', { title: 'meanwhile' }],
      ['PATCH', `/api/tasks/${id}`, { title: 'meanwhile' }],
      ['DELETE', `/api/tasks/${id}`],
    ] as const) {
      const answer = await ada(method, path, body ? { body } : {});
      expect([method, path, answer.status, answer.headers.get('retry-after')]).toEqual([method, path, 503, '1']);
      expect(JSON.stringify(answer.body)).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
    }
  } finally {
    await api.stop();
    await postgres.stop();
  }
});
