import { expect, test } from 'vitest';
import { migrations as audit } from '../../services/audit/migrations.ts';
import { contractingStatements } from '../../services/kit/migrate.ts';
import { migrations as recurrence } from '../../services/recurrence/migrations.ts';
import { migrations as taskApi } from '../../services/task-api/migrations.ts';

// During a release the version before runs on the same schema.
test.each(Object.entries({ audit, recurrence, taskApi }))('the migrations of %s take nothing away', (_service, migrations) => {
  for (const { name, sql } of migrations) expect([name, contractingStatements(sql)]).toEqual([name, []]);
});
