// What the services do behind a transaction pooler: a real PgBouncer, with far fewer connections than they open.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDapr } from '../../services/kit/dapr.ts';
import { openDatabase, type Database } from '../../services/kit/database.ts';
import { append, eventStoreMigration, readStream } from '../../services/kit/event-store.ts';
import { silentLogger } from '../../services/kit/log.ts';
import { Metrics } from '../../services/kit/metrics.ts';
import { migrate } from '../../services/kit/migrate.ts';
import { createOutbox, outboxMigration } from '../../services/kit/outbox.ts';
import { LEASE_MS, startRelay, type Relay } from '../../services/kit/relay.ts';
import { component } from '../contract/dapr/resources.ts';
import { startRealDaprd } from '../contract/dapr/sidecars.ts';
import { call, openWorld } from '../contract/dapr/world.ts';
import { startScriptedSidecar, until, type ScriptedSidecar } from '../services/kit/scripted-sidecar.ts';
import { startChain } from '../services/support/chain.ts';
import { callerOf, type Caller } from '../services/support/http.ts';
import { findPgBouncer, startPooler, type TestPooler } from '../support/pgbouncer.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { getDaprd } from '../tools/dapr/build.ts';
import { realPart } from './parts.ts';

const found = await realPart('pgbouncer', () => findPgBouncer());
const daprd = found && (await realPart('daprd', getDaprd));
const program = found?.pgbouncer ?? '';

const SIZE = 3;
const MIGRATIONS = [eventStoreMigration, outboxMigration];

describe.skipIf(!found)('behind a transaction pooler', () => {
  let postgres: TestPostgres;
  let direct: string;
  let pooler: TestPooler;
  let sidecar: ScriptedSidecar;
  const open: Database[] = [];
  const relays: Relay[] = [];

  beforeAll(async () => {
    postgres = await startTestPostgres();
    direct = await postgres.createDatabase('kit');
    pooler = await startPooler(program, direct, SIZE);
    sidecar = await startScriptedSidecar();
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await Promise.all(open.splice(0).map((database) => database.close()));
    sidecar.log.length = 0;
  });
  afterAll(async () => {
    await sidecar.stop();
    await pooler.stop();
    await postgres.stop();
  });

  /** A replica of a service, as it connects itself. */
  function replica(schema: string, pooled = true): Database {
    const database = openDatabase({ url: pooler.url, schema, pooled });
    open.push(database);
    return database;
  }
  function relay(database: Database): Relay {
    const dapr = createDapr({ port: sidecar.port });
    const started = startRelay({ database, dapr, log: silentLogger, metrics: new Metrics(), source: 'todo/task-api', replica: 'task-api' });
    relays.push(started);
    return started;
  }
  /** An event of a stream, and the same for its topic. */
  async function change(database: Database, stream: string, version: number): Promise<void> {
    const event = { id: randomUUID(), type: 'task.updated.v1', data: { version } };
    const outbox = createOutbox(database);
    await database.transaction(async (tx) => {
      await append(tx, { stream, scope: 'ada', expectedVersion: version - 1, events: [event] });
      await outbox.enqueue(tx, [{ ...event, topic: 'task-events', subject: stream, key: stream }]);
    });
  }
  /** Asks the database itself. */
  async function ask<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: direct });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('replicas that start at once migrate once, and leave no lock behind', async () => {
    const replicas = Array.from({ length: 6 }, () => replica('starting'));
    const applied = await Promise.all(replicas.map((database) => migrate(database, MIGRATIONS)));
    expect(applied.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await ask(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([]);
  });

  it('eight full pools share three connections: every change is stored, and reaches its topic once and in order', async () => {
    const replicas = Array.from({ length: 8 }, () => replica('task_api'));
    await Promise.all(replicas.map((database) => migrate(database, MIGRATIONS)));
    for (const database of replicas.slice(0, 2)) relay(database);
    const streams = Array.from({ length: 80 }, () => randomUUID());
    let most = 0;
    let ended = false;
    const watching = (async () => {
      while (!ended) most = Math.max(most, (await ask(`SELECT 1 FROM pg_stat_activity WHERE datname = 'kit' AND pid <> pg_backend_pid()`)).length);
    })();
    await Promise.all(streams.map(async (stream, n) => {
      for (let version = 1; version <= 5; version += 1) await change(replicas[n % 8] as Database, stream, version);
    }));
    await until(() => sidecar.log.length >= 400, 20_000, 'all events on their topic');
    ended = true;
    await watching;
    const versions = (stream: string): unknown[] => sidecar.log.filter(({ key }) => key === stream).map(({ event }) => (event['data'] as { version: number }).version);
    for (const stream of streams) expect(versions(stream)).toEqual([1, 2, 3, 4, 5]);
    expect(await readStream(replicas[7] as Database, streams[0] ?? '')).toHaveLength(5);
    expect(most).toBe(SIZE);
  });

  it('an event is with the sidecar within a second of its commit, from whichever replica, though nobody can listen', async () => {
    const [relaying, other] = [replica('task_api'), replica('task_api')];
    await migrate(relaying, MIGRATIONS);
    const started = relay(relaying);
    await until(() => started.active, LEASE_MS + 5000);
    const times: number[] = [];
    for (let n = 1; n <= 20; n += 1) {
      await change(n % 2 ? relaying : other, randomUUID(), 1);
      times.push(await until(() => sidecar.log.length === n, 5000));
    }
    expect(Math.max(...times)).toBeLessThan(1000);
  });

  it('a relay that stops hands over to the next', async () => {
    const [first, second] = [replica('task_api'), replica('task_api')];
    await migrate(first, MIGRATIONS);
    const one = relay(first);
    await until(() => one.active, LEASE_MS + 5000);
    const two = relay(second);
    await one.stop();
    await until(() => two.active, 5000);
    await change(first, randomUUID(), 1);
    await until(() => sidecar.log.length === 1, 5000);
  });

  it('services do not see each other’s schema, whose connection they get next', async () => {
    const services = ['audit', 'recurrence', 'reminders'].map((schema) => replica(schema));
    for (const [n, database] of services.entries()) {
      await migrate(database, [{ name: 'things', sql: 'CREATE TABLE things (owner text NOT NULL)' }]);
      await database.query('INSERT INTO things VALUES ($1)', [`service ${n}`]);
    }
    const seen = await Promise.all(Array.from({ length: 120 }, async (_, n) => {
      const { rows } = await (services[n % 3] as Database).query<{ owner: string }>('SELECT owner FROM things');
      return [n % 3, rows] as const;
    }));
    for (const [n, rows] of seen) expect(rows).toEqual([{ owner: `service ${n}` }]);
  });

  it('nothing stays in a session: no search path, no limits, no prepared statement, nobody who listens', async () => {
    const database = replica('task_api');
    await migrate(database, MIGRATIONS);
    relay(database);
    await change(database, randomUUID(), 1);
    await until(() => sidecar.log.length === 1, 10_000);
    await expect(database.query('SELECT nonsense')).rejects.toThrow('nonsense');
    await Promise.all(relays.splice(0).map((started) => started.stop()));
    // As many transactions at once as there are connections: each of them is looked at.
    const clients = Array.from({ length: SIZE }, () => new pg.Client({ connectionString: pooler.url }));
    const pids = new Set<number>();
    for (const client of clients) {
      await client.connect();
      await client.query('BEGIN');
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pg_backend_pid() AS pid, current_setting('search_path') AS path, current_setting('statement_timeout') AS statements,
                current_setting('lock_timeout') AS locks, current_setting('idle_in_transaction_session_timeout') AS idle,
                (SELECT count(*)::int FROM pg_prepared_statements) AS prepared, (SELECT count(*)::int FROM pg_listening_channels()) AS listening`,
      );
      expect(rows).toEqual([{ pid: expect.any(Number) as number, path: '"$user", public', statements: '0', locks: '0', idle: '0', prepared: 0, listening: 0 }]);
      pids.add(rows[0]?.pid ?? 0);
    }
    expect(pids.size).toBe(SIZE);
    for (const client of clients) await client.end();
  });

  it('a service that was not told of it is refused, not quietly wrong', async () => {
    await expect(replica('task_api', false).query('SELECT 1')).rejects.toThrow(/unsupported startup parameter/);
  });
});

describe.skipIf(!found)('all services, two replicas of each, behind one pooler of four connections', () => {
  it('a task that repeats comes back, and audit has the whole story, once', async () => {
    const chain = await startChain((url) => startPooler(program, url, 4));
    try {
      const [one, other] = ['task-api-0', 'task-api-1'].map((replica) => callerOf(chain.url(replica), 'ada')) as [Caller, Caller];
      const { body } = await one('POST', '/api/tasks', { body: { title: 'Bins', due: { at: '2099-11-23T09:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY;COUNT=2' } });
      const { id } = body as { id: string };
      expect((await other('POST', `/api/tasks/${id}/complete`)).status).toBe(200);
      const titles = async (): Promise<unknown[]> => ((await one('GET', '/api/tasks')).body as { tasks: { title: string }[] }).tasks.map(({ title }) => title);
      await until(async () => (await titles()).length === 2, 20_000, 'the next of the series');
      const story = async (): Promise<string[]> => (await chain.database('audit').query<{ type: string }>('SELECT type FROM records')).rows.map(({ type }) => type).sort();
      await until(async () => (await story()).length >= 4, 20_000, 'four records');
      expect(await story()).toEqual(['task.completed.v1', 'task.created.v1', 'task.created.v1', 'task.recurring.triggered.v1']);
    } finally {
      await chain.stop();
    }
  });
});

describe.skipIf(!daprd)('Dapr’s state store behind a transaction pooler', () => {
  // A sidecar that starts holds one connection and asks for another: with no more connections than such sidecars all would wait for ever.
  it('keeps state by queryExecMode exec, for two sidecars that start at once with one connection more', async () => {
    const world = await openWorld(startRealDaprd(daprd?.binary ?? ''));
    const pooler = await startPooler(program, world.postgres.url('todoapp'), 3);
    try {
      const app = await world.app();
      const specs = ['orders', 'bills'].map((appId) => ({ appId, podName: `${appId}-0`, appPort: app.port }));
      const state = component('state', 'state.postgresql', 'v2', { connectionString: pooler.url, tablePrefix: 'dapr_', maxConns: '2', queryExecMode: 'exec' });
      const { ports } = await world.start(specs, [state]);
      const urls = ports.map((port) => `http://127.0.0.1:${port}/v1.0/state/state`);
      await Promise.all(Array.from({ length: 60 }, async (_, n) => {
        const url = urls[n % 2] ?? '';
        expect((await call(url, { body: [{ key: `key-${n}`, value: { n, text: 'Milk 🥛' } }] })).status).toBe(204);
        const stored = await call(`${url}/key-${n}`);
        expect(stored).toMatchObject({ status: 200, json: { n, text: 'Milk 🥛' } });
        const etag = stored.headers.get('etag');
        expect((await call(url, { body: [{ key: `key-${n}`, value: 2, etag }] })).status).toBe(204);
        expect((await call(url, { body: [{ key: `key-${n}`, value: 3, etag }] })).status).toBe(409);
        expect((await call(`${url}/key-${n}`, { method: 'DELETE' })).status).toBe(204);
        expect((await call(`${url}/key-${n}`)).status).toBe(204);
      }));
    } finally {
      await world.end();
      await pooler.stop();
      await world.close();
    }
  });
});
