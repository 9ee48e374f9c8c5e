import { createHash } from 'node:crypto';
import type { Database, Transaction } from './database.ts';

/** A step of a schema, e.g. `{name: '001_tasks', sql: 'CREATE TABLE …'}`. Expand-only: the version before must still run on it. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings the schema up to `migrations`, each once and in order, in one transaction under a lock, so that any number of
 * replicas may start at once. Returns the names applied now. Throws when one that was applied has been edited since.
 * What an newer release applied and this one does not know is left alone: expand-only makes that safe.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const names = new Set(migrations.map(({ name }) => name));
  if (names.size !== migrations.length) throw new Error('two migrations have one name');
  return database.transaction(async (tx) => {
    // Held to the end of the transaction, so a pooler in between is no danger.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`todo.migrate.${database.schema}`]);
    const known = await appliedBefore(tx, database.schema);
    const applied: string[] = [];
    for (const { name, sql } of migrations) {
      const sum = createHash('sha256').update(sql).digest('hex');
      const before = known.get(name);
      if (before === sum) continue;
      if (before !== undefined) throw new Error(`migration ${name} was edited after it was applied; write a new one instead`);
      await tx.query(sql);
      await tx.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [name, sum]);
      applied.push(name);
    }
    return applied;
  });
}

async function appliedBefore(tx: Transaction, schema: string): Promise<Map<string, string>> {
  // Asked for, not IF NOT EXISTS: while this transaction waited for the lock it may have kept in mind that there is no such schema,
  // and only reading the catalogue anew makes it forget that.
  const { rowCount: there } = await tx.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (there === 0) await tx.query(`CREATE SCHEMA ${schema}`);
  await tx.query('CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
  const { rows } = await tx.query<{ name: string; checksum: string }>('SELECT name, checksum FROM migrations');
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

const CONTRACTING = /\b(drop|rename|truncate)\b|\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b|\bset\s+not\s+null\b/i;

/** The statements that take away what the version before still needs; a test asserts there are none. */
export function contractingStatements(sql: string): string[] {
  const bare = sql.replaceAll(/--.*$/gm, '').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/'(?:[^']|'')*'/g, "''");
  return bare.split(';').map((statement) => statement.trim()).filter((statement) => CONTRACTING.test(statement));
}
