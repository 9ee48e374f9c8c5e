import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { eventStoreMigration } from '../../../services/kit/event-store.ts';
import { inboxMigration } from '../../../services/kit/inbox.ts';
import { contractingStatements, migrate, type Migration } from '../../../services/kit/migrate.ts';
import { outboxMigration } from '../../../services/kit/outbox.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

const tasks: Migration = { name: '001_tasks', sql: 'CREATE TABLE tasks (id text PRIMARY KEY)' };
const owner: Migration = { name: '002_owner', sql: 'ALTER TABLE tasks ADD COLUMN owner text; CREATE INDEX ON tasks (owner)' };

let postgres: TestPostgres;
let url: string;
const open: Database[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await postgres.createDatabase('todoapp');
});
afterAll(async () => {
  await Promise.all(open.map((database) => database.close()));
  await postgres.stop();
});
function connect(schema: string): Database {
  const database = openDatabase({ url, schema });
  open.push(database);
  return database;
}

describe('migrate', () => {
  it('applies each once, in order, and later only what is new', async () => {
    const database = connect('in_order');
    expect(await migrate(database, [tasks])).toEqual(['001_tasks']);
    expect(await migrate(database, [tasks, owner])).toEqual(['002_owner']);
    expect(await migrate(database, [tasks, owner])).toEqual([]);
    await database.query('INSERT INTO tasks (id, owner) VALUES ($1, $2)', ['1', 'ada']);
  });

  it.each([false, true])('may be run by many replicas at once; behind a pooler: %s', async (pooled) => {
    for (let n = 0; n < 5; n += 1) {
      const replicas = Array.from({ length: 6 }, () => openDatabase({ url, schema: `at_once_${n}_${pooled}`, pooled, connections: 1 }));
      // A pooler's connections have made other schemas before, and read little of the catalogue anew.
      await Promise.all(replicas.map((database, index) => database.query(`CREATE SCHEMA before_${n}_${index}_${pooled}`)));
      const applied = await Promise.all(replicas.map((database) => migrate(database, [tasks, owner])));
      expect(applied.flat().sort()).toEqual(['001_tasks', '002_owner']);
      await Promise.all(replicas.map((database) => database.close()));
    }
  });

  it('leaves everything as it was when one of them fails', async () => {
    const database = connect('all_or_nothing');
    await expect(migrate(database, [tasks, { name: '002_wrong', sql: 'CREATE TABLE (' }])).rejects.toThrow(/syntax/);
    expect(await migrate(database, [tasks])).toEqual(['001_tasks']);
  });

  it('refuses one that was edited after it was applied', async () => {
    const database = connect('edited');
    await migrate(database, [tasks]);
    await expect(migrate(database, [{ ...tasks, sql: `${tasks.sql} ` }])).rejects.toThrow('001_tasks was edited');
  });

  it('leaves alone what a newer release has applied', async () => {
    const database = connect('rolled_back');
    await migrate(database, [tasks, owner]);
    expect(await migrate(database, [tasks])).toEqual([]);
  });

  it('refuses two of one name', async () => {
    await expect(migrate(connect('twice'), [tasks, tasks])).rejects.toThrow('one name');
  });

  it('keeps services apart: each has a schema of its own', async () => {
    await migrate(connect('one_service'), [tasks]);
    await migrate(connect('another_service'), [tasks]);
    await connect('one_service').query("INSERT INTO tasks VALUES ('1')");
    expect((await connect('another_service').query('SELECT * FROM tasks')).rowCount).toBe(0);
  });
});

describe('expand-only', () => {
  it.each([eventStoreMigration, outboxMigration, inboxMigration])('$name takes nothing away', ({ sql }) => {
    expect(contractingStatements(sql)).toEqual([]);
  });

  it.each([
    'DROP TABLE tasks',
    'ALTER TABLE tasks DROP COLUMN owner',
    'ALTER TABLE tasks RENAME COLUMN owner TO user_id',
    'alter table tasks alter column id type bigint',
    'ALTER TABLE tasks ALTER COLUMN owner SET NOT NULL',
    'TRUNCATE tasks',
    'CREATE TABLE a (b int); /* fine */ Drop Index a_b',
  ])('is not: %s', (sql) => {
    expect(contractingStatements(sql)).toHaveLength(1);
  });

  it.each(["INSERT INTO words VALUES ('drop; rename')", '-- DROP TABLE tasks\nSELECT 1', '/* rename */ SELECT 1', 'ALTER TABLE tasks ADD COLUMN dropped_at timestamptz'])('is: %s', (sql) => {
    expect(contractingStatements(sql)).toEqual([]);
  });
});
