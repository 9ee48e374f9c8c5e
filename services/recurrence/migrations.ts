import { inboxMigration } from '../kit/inbox.ts';
import type { Migration } from '../kit/migrate.ts';

const sagas: Migration = {
  name: 'recurrence_1_sagas',
  sql: `CREATE TABLE sagas (
    event_id text PRIMARY KEY,
    task_id text NOT NULL,
    user_id text NOT NULL,
    due jsonb NOT NULL,
    recurrence text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'done', 'ended', 'cancelled', 'failed')),
    next_task_id text,
    reason text,
    attempts int NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    origin jsonb NOT NULL,
    event jsonb NOT NULL
  );
  CREATE INDEX sagas_pending ON sagas (next_try_at) WHERE state = 'pending';
  CREATE INDEX sagas_settled ON sagas (settled_at) WHERE settled_at IS NOT NULL;`,
};

export const migrations: readonly Migration[] = [inboxMigration, sagas];
