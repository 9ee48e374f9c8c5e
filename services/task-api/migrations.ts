import { eventStoreMigration } from '../kit/event-store.ts';
import type { Migration } from '../kit/migrate.ts';
import { outboxMigration } from '../kit/outbox.ts';

const tasks: Migration = {
  name: 'task_api_1_tasks',
  sql: `CREATE TABLE tasks (
    id text PRIMARY KEY,
    owner text NOT NULL,
    version int NOT NULL,
    completed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    search text NOT NULL,
    task jsonb NOT NULL
  );
  CREATE INDEX tasks_of_owner ON tasks (owner, created_at DESC, id DESC);`,
};

const answers: Migration = {
  name: 'task_api_2_answers',
  sql: `CREATE TABLE answers (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer jsonb,
    given_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
  );
  CREATE INDEX answers_age ON answers (given_at);`,
};

export const migrations: readonly Migration[] = [eventStoreMigration, outboxMigration, tasks, answers];
