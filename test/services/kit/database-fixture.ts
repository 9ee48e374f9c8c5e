import { afterAll, beforeAll } from 'vitest';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { migrate, type Migration } from '../../../services/kit/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

export interface DatabaseFixture {
  readonly postgres: TestPostgres;
  readonly url: string;
  readonly database: Database;
}

/** One PostgreSQL and one migrated database for a test file. Read its fields inside tests only. */
export function useDatabase(schema: string, migrations: readonly Migration[]): DatabaseFixture {
  const fixture = {} as { postgres: TestPostgres; url: string; database: Database };
  beforeAll(async () => {
    fixture.postgres = await startTestPostgres();
    fixture.url = await fixture.postgres.createDatabase('kit');
    fixture.database = openDatabase({ url: fixture.url, schema, connections: 20 });
    await migrate(fixture.database, migrations);
  });
  afterAll(async () => {
    await fixture.database.close();
    await fixture.postgres.stop();
  });
  return fixture;
}
