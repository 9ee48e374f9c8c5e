// During a release, and after a rollback, code of the version before runs on the schema of the next. Migrations only add, so the code of
// today must pass its whole suite on a schema that has more than it knows: nothing may depend on there being no other column or table.
import { describe, expect, test, vi } from 'vitest';
import { migrations } from '../../services/task-api/migrations.ts';
import { contractingStatements } from '../../services/kit/migrate.ts';
import { taskApi } from '../../services/task-api/service.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { callerOf } from './support/http.ts';
import { nextRelease, ON_NEXT_RELEASE } from './support/next-release.ts';
import { runWithDatabase } from './support/running.ts';

vi.stubEnv(ON_NEXT_RELEASE, 'yes');

test('what is added is what a migration may do, and it is there', async () => {
  expect(contractingStatements(nextRelease.sql)).toEqual([]);
  const postgres = await startTestPostgres();
  const service = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations }, taskApi);
  try {
    const ada = callerOf(service.url, 'ada');
    expect((await ada('POST', '/api/tasks', { body: { title: 'Of the version before' } })).status).toBe(201);
    // A row of older code has what the next release wants to find: nothing, or the default.
    const { rows } = await service.database.query('SELECT next_note, next_rank FROM tasks');
    expect(rows).toEqual([{ next_note: null, next_rank: 7 }]);
    const { rows: known } = await service.database.query('SELECT name FROM migrations');
    expect(known).toContainEqual({ name: 'next_release' });
  } finally {
    await service.stop();
    await postgres.stop();
  }
});

// The suites register their tests here.
describe('on the schema of the next release, task-api', async () => void (await import('./task-api/api.local.test.ts')));
describe('on the schema of the next release, audit', async () => void (await import('./audit/audit.local.test.ts')));
describe('on the schema of the next release, recurrence', async () => void (await import('./recurrence/saga.local.test.ts')));
