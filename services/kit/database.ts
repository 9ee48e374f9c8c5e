import pg from 'pg';
import { parsers } from './database-types.ts';
import { asLibpqReads } from './database-url.ts';

export { isDatabaseAway, isSqlState } from './database-errors.ts';

export interface Result<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

export interface Queryable {
  /** `$1`-style parameters. int8 arrives as number, timestamptz as Date, jsonb parsed, xid8 as text. Objects for jsonb go in as JSON.stringify'd text. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Result<Row>>;
}

export interface Transaction extends Queryable {
  /** Runs once the transaction is committed; never when it is rolled back. For wake-ups: a crash may swallow it. */
  afterCommit(action: () => void): void;
}

export interface Database extends Queryable {
  /** The schema that unqualified names are looked up in. */
  readonly schema: string;
  /** For a connection of one's own (LISTEN). */
  readonly url: string;
  /** A transaction pooler is in between: no session is anybody's own, so nobody can LISTEN. */
  readonly pooled: boolean;
  /** Commits what `work` did when it resolves, rolls back when it throws. READ COMMITTED. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Another pool on the same schema, for work that must not queue behind requests. Its owner closes it. */
  another(connections: number): Database;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Lower-case letters, digits and `_`. */
  schema: string;
  /** The address is a transaction pooler's: nothing is kept in the session, each query is a transaction. */
  pooled?: boolean;
  /** 10 unless told. */
  connections?: number;
  /** 10 s unless told; PostgreSQL itself ends a statement that takes longer. */
  statementMs?: number;
  /** Told of broken idle connections; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/** A pool of connections to one service's schema; opens none until the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, schema, pooled = false, statementMs = 10_000 } = options;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`${schema} is no name for a schema`);
  const settings = { search_path: schema, statement_timeout: statementMs, lock_timeout: statementMs, idle_in_transaction_session_timeout: 2 * statementMs };
  const pool = new pg.Pool({
    connectionString: asLibpqReads(url),
    max: options.connections ?? 10,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    query_timeout: statementMs + 2000,
    keepAlive: true,
    types: parsers,
    application_name: schema,
    ...(pooled ? {} : { options: Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(' ') }),
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  // One message with BEGIN, so that it costs no round trip.
  const begin = ['BEGIN', ...(pooled ? Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = '${value}'`) : [])].join('; ');

  const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    const committed: (() => void)[] = [];
    let result: T;
    try {
      await client.query(begin);
      result = await work({ query: (text, values) => run(client, text, values), afterCommit: (action) => void committed.push(action) });
      await client.query('COMMIT');
    } catch (error) {
      const broken = await client.query('ROLLBACK').then(() => false, () => true);
      client.release(broken);
      throw error;
    }
    client.release();
    for (const action of committed) action();
    return result;
  };
  const query: Database['query'] = (text, values) =>
    pooled ? transaction((tx) => tx.query(text, values)) : run(pool, text, values);
  return {
    schema,
    url,
    pooled,
    query,
    transaction,
    another: (connections) => openDatabase({ ...options, connections }),
    async ping() {
      await pool.query('SELECT 1');
    },
    close: () => pool.end(),
  };
}

async function run<Row>(on: pg.Pool | pg.PoolClient, text: string, values: readonly unknown[] = []): Promise<Result<Row>> {
  const { rows, rowCount } = await on.query(text, [...values]);
  return { rows: rows as Row[], rowCount: rowCount ?? 0 };
}
