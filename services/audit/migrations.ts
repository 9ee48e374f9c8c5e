import { inboxMigration } from '../kit/inbox.ts';
import type { Migration } from '../kit/migrate.ts';

const records: Migration = {
  name: 'audit_1_records',
  sql: `CREATE TABLE records (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    task_id text NOT NULL,
    happened_at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    topic_partition int,
    topic_offset bigint,
    event jsonb NOT NULL,
    UNIQUE (topic, event_id)
  );
  CREATE INDEX records_of_task ON records (task_id, number);`,
};

export const migrations: readonly Migration[] = [inboxMigration, records];
