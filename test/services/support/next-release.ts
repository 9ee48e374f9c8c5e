import type { Migration } from '../../../services/kit/migrate.ts';

/**
 * What the next release of any service does to its schema: as much as a migration may, which is to add. Every table gets a column that may
 * be null, one with a default and an index, and there is a table more.
 */
export const nextRelease: Migration = {
  name: 'next_release',
  sql: `DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migrations' LOOP
      EXECUTE format('ALTER TABLE %I ADD COLUMN next_note text, ADD COLUMN next_rank int NOT NULL DEFAULT 7', name);
      EXECUTE format('CREATE INDEX %I ON %I (next_rank)', 'next_' || name, name);
    END LOOP;
  END $$;
  CREATE TABLE next_things (id text PRIMARY KEY, note text);`,
};

/** Set where the suites of the services are to run on the schema of the next release. */
export const ON_NEXT_RELEASE = 'TODO_TEST_ON_NEXT_RELEASE';
