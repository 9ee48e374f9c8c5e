import { afterAll, describe, expect, it } from 'vitest';
import { isDatabaseAway, isSqlState, openDatabase, type Database } from '../../../services/kit/database.ts';
import { useDatabase } from './database-fixture.ts';

const fixture = useDatabase('audit', [{ name: 'things', sql: 'CREATE TABLE things (id bigint PRIMARY KEY, note text)' }]);
const open: Database[] = [];
afterAll(() => Promise.all(open.map((database) => database.close())));
function connect(options: Partial<Parameters<typeof openDatabase>[0]> = {}): Database {
  const database = openDatabase({ url: fixture.url, schema: 'audit', ...options });
  open.push(database);
  return database;
}

describe('a transaction', () => {
  it('commits what its work did, and says so afterwards', async () => {
    const told: string[] = [];
    const result = await fixture.database.transaction(async (tx) => {
      await tx.query('INSERT INTO things VALUES ($1, $2)', [1, 'one']);
      tx.afterCommit(() => told.push('committed'));
      expect(told).toEqual([]);
      return 42;
    });
    expect(result).toBe(42);
    expect(told).toEqual(['committed']);
    expect((await fixture.database.query('SELECT note FROM things WHERE id = 1')).rows).toEqual([{ note: 'one' }]);
  });

  it('keeps nothing and says nothing when its work throws', async () => {
    const told: string[] = [];
    const failing = fixture.database.transaction(async (tx) => {
      await tx.query('INSERT INTO things VALUES (2)');
      tx.afterCommit(() => told.push('committed'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(told).toEqual([]);
    expect((await fixture.database.query('SELECT 1 FROM things WHERE id = 2')).rowCount).toBe(0);
  });

  it('gives its connection back, however it ends', async () => {
    const small = connect({ connections: 1 });
    for (let n = 0; n < 3; n += 1) {
      await expect(small.transaction((tx) => tx.query('SELECT nonsense'))).rejects.toThrow(/nonsense/);
      await small.transaction((tx) => tx.query('SELECT 1'));
    }
  });
});

describe('values', () => {
  it('come as one would count with them: int8 as number, jsonb parsed, time as Date', async () => {
    const { rows } = await fixture.database.query<{ n: number; j: unknown; t: Date }>(`SELECT count(*) AS n, '{"a":[1]}'::jsonb AS j, now() AS t FROM things`);
    expect(rows[0]?.n).toBeTypeOf('number');
    expect(rows[0]?.j).toEqual({ a: [1] });
    expect(rows[0]?.t).toBeInstanceOf(Date);
  });

  it('that a double cannot hold are refused, not rounded', async () => {
    await expect(fixture.database.query('SELECT 9007199254740993::bigint AS n')).rejects.toThrow(RangeError);
  });
});

describe('limits', () => {
  it('end a statement that takes too long, on the server too', async () => {
    const impatient = connect({ statementMs: 100 });
    await expect(impatient.query('SELECT pg_sleep(10)')).rejects.toSatisfy((error) => isSqlState(error, '57014'));
  });

  it('do not let a schema name become SQL', () => {
    expect(() => openDatabase({ url: fixture.url, schema: 'a; DROP SCHEMA audit' })).toThrow('no name for a schema');
  });
});

describe('behind a transaction pooler', () => {
  it('nothing is expected of the session: the schema and the limits come with each transaction', async () => {
    const pooled = connect({ pooled: true, connections: 1, statementMs: 150 });
    await pooled.query('INSERT INTO things VALUES (77)');
    // As another client of the pooler may leave the connection.
    await pooled.query('SELECT 1');
    expect((await pooled.query('SELECT id FROM things WHERE id = 77')).rows).toEqual([{ id: 77 }]);
    await expect(pooled.query('SELECT pg_sleep(5)')).rejects.toSatisfy((error) => isSqlState(error, '57014'));
    const { rows } = await pooled.query(`SELECT setting, source FROM pg_settings WHERE name = 'search_path'`);
    expect(rows).toEqual([{ setting: 'audit', source: 'session' }]);
  });
});

describe('a database that is away', () => {
  it('is told from a wrong query', async () => {
    const nobody = connect({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
    await expect(nobody.ping()).rejects.toSatisfy(isDatabaseAway);
    await expect(fixture.database.query('SELECT nonsense')).rejects.not.toSatisfy(isDatabaseAway);
  });

  it('breaks the query under way, and not the pool', async () => {
    const told: Error[] = [];
    const database = connect({ onIdleError: (error) => told.push(error) });
    const sleeping = database.query('SELECT pg_sleep(30)');
    const caught = expect(sleeping).rejects.toSatisfy(isDatabaseAway);
    let killed = 0;
    while (killed === 0) killed = (await fixture.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'`)).rowCount;
    await caught;
    await database.ping();
  });
});
