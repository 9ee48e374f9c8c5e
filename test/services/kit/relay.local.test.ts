import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDapr } from '../../../services/kit/dapr.ts';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { silentLogger } from '../../../services/kit/log.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { migrate } from '../../../services/kit/migrate.ts';
import { createOutbox, outboxMigration, type Outbox, type OutboxEvent } from '../../../services/kit/outbox.ts';
import { startRelay, type Relay } from '../../../services/kit/relay.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startScriptedSidecar, until, withoutRepeats, type Published, type ScriptedSidecar, type Verdict } from './scripted-sidecar.ts';

let postgres: TestPostgres;
let url: string;
let database: Database;
let outbox: Outbox;
let sidecar: ScriptedSidecar;
const relays: Relay[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  await postgres.stop();
});

let made = 0;
beforeEach(async () => {
  url = await postgres.createDatabase(`relay_${(made += 1)}`);
  database = openDatabase({ url, schema: 'task_api', connections: 20 });
  await migrate(database, [outboxMigration]);
  outbox = createOutbox(database);
  sidecar = await startScriptedSidecar();
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await sidecar.stop();
  await database.close();
});

function relay(metrics = new Metrics(), timeoutMs = 10_000): Relay {
  const dapr = createDapr({ port: sidecar.port, timeoutMs });
  const started = startRelay({ database, dapr, log: silentLogger, metrics, source: 'todo/task-api', replica: 'task-api-0' });
  relays.push(started);
  return started;
}

async function startChild(replica: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'relay-process.ts'), url, String(sidecar.port), replica], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

function event(key: string, n: number, topic = 'task-events'): OutboxEvent {
  return { id: randomUUID(), topic, type: 'task.updated.v1', subject: key, key, data: { n } };
}

async function enqueue(...events: OutboxEvent[]): Promise<void> {
  await database.transaction((tx) => outbox.enqueue(tx, events));
}

/** The numbers that each key's events carry, in the order in which they first got onto the topic. */
function orderByKey(log: readonly Published[]): Record<string, number[]> {
  const order: Record<string, number[]> = {};
  for (const { key, event } of withoutRepeats(log)) (order[key] ??= []).push((event['data'] as { n: number }).n);
  return order;
}

async function outboxEmpty(): Promise<boolean> {
  return (await database.query('SELECT 1 FROM outbox LIMIT 1')).rowCount === 0;
}

describe('what is published', () => {
  it('is the whole CloudEvent, with the topic key as partition key and the trace it was enqueued with', async () => {
    relay();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = { ...event('task-1', 1, 'task-updates'), subject: 'task-1', key: 'user-7', traceparent };
    await enqueue(sent);
    await until(() => sidecar.log.length === 1, 5000);

    const [call] = sidecar.calls;
    expect(call?.topic).toBe('task-updates');
    expect(call?.entries[0]).toMatchObject({
      contentType: 'application/cloudevents+json',
      metadata: { partitionKey: 'user-7' },
      event: {
        id: sent.id,
        specversion: '1.0',
        source: 'todo/task-api',
        type: 'task.updated.v1',
        subject: 'task-1',
        datacontenttype: 'application/json',
        partitionkey: 'user-7',
        traceparent,
        data: { n: 1 },
      },
    });
    expect(Date.parse(String(call?.entries[0]?.event['time']))).toBeGreaterThan(Date.now() - 60_000);
    await until(outboxEmpty, 5000);
  });

  it('is nothing of a transaction that was rolled back', async () => {
    relay();
    const lost = database.transaction(async (tx) => {
      await outbox.enqueue(tx, [event('a', 1)]);
      throw new Error('no');
    });
    await expect(lost).rejects.toThrow('no');
    await enqueue(event('b', 1));
    await until(outboxEmpty, 5000);
    expect(orderByKey(sidecar.log)).toEqual({ b: [1] });
  });

  it('waits for an older transaction that still runs, and then goes in commit-safe order', async () => {
    relay();
    await until(() => relays[0]?.active === true, 5000);
    let commit = (): void => undefined;
    const open = new Promise<void>((resolve) => (commit = resolve));
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => (begun = resolve));
    const older = database.transaction(async (tx) => {
      await outbox.enqueue(tx, [event('a', 1)]);
      begun();
      await open;
    });
    await started;
    await enqueue(event('b', 2));
    // The younger one is committed, but the older could still come before it.
    await expect(until(() => sidecar.log.length > 0, 200)).rejects.toThrow();
    commit();
    await older;
    await until(() => sidecar.log.length === 2, 2000);
    expect(sidecar.log.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('is refused at once when it is too large for a broker, not stuck for ever', async () => {
    const large = { ...event('a', 1), data: { text: 'x'.repeat(600_000) } };
    await expect(enqueue(large)).rejects.toThrow(/larger than/);
    expect(await outboxEmpty()).toBe(true);
  });
});

describe('order', () => {
  it('never has two events of one key in one call, nor in two calls at the same time', async () => {
    const underWay = new Set<string>();
    let clash = false;
    sidecar.judge = async ({ entries }) => {
      const keys = entries.map(({ metadata }) => metadata['partitionKey'] ?? '');
      clash ||= new Set(keys).size < keys.length || keys.some((key) => underWay.has(key));
      for (const key of keys) underWay.add(key);
      await new Promise((resolve) => setImmediate(resolve));
      for (const key of keys) underWay.delete(key);
      return { answer: 'fine' };
    };
    const events = Array.from({ length: 400 }, (_, n) => event(`key-${n % 37}`, n));
    await enqueue(...events);
    relay();
    await until(outboxEmpty, 10_000);
    expect(clash).toBe(false);
    expect(sidecar.log).toHaveLength(400);
  });

  it('of each key is the commit order, whatever fails, once repeats are dropped', async () => {
    const verdict = fc.oneof(
      { weight: 3, arbitrary: fc.constant<Verdict>({ answer: 'fine' }) },
      { weight: 4, arbitrary: fc.array(fc.nat(12), { maxLength: 6 }).map((failed): Verdict => ({ answer: 'partial', failed: [...new Set(failed)] })) },
      { weight: 1, arbitrary: fc.constantFrom<Verdict>({ answer: 'refused', status: 500 }, { answer: 'lost' }, { answer: 'reset' }) },
    );
    const started = relay();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }), fc.array(verdict, { maxLength: 12 }), async (keys, verdicts) => {
        sidecar.log.length = 0;
        const left = [...verdicts];
        sidecar.judge = () => left.shift() ?? { answer: 'fine' };
        const expected: Record<string, number[]> = {};
        for (const [n, key] of keys.entries()) {
          (expected[`key-${key}`] ??= []).push(n);
          await enqueue(event(`key-${key}`, n));
        }
        await until(outboxEmpty, 20_000, 'an empty outbox');
        expect(orderByKey(sidecar.log)).toEqual(expected);
      }),
      { numRuns: 12, endOnFailure: true },
    );
    expect(started.active).toBe(true);
  });

  it('holds back only the key that failed', async () => {
    sidecar.judge = ({ entries }) => ({ answer: 'partial', failed: entries.flatMap(({ metadata }, index) => (metadata['partitionKey'] === 'stuck' ? [index] : [])) });
    await enqueue(event('stuck', 1), event('stuck', 2), event('free', 3), event('free', 4));
    relay();
    await until(() => sidecar.log.length === 2, 5000);
    expect(orderByKey(sidecar.log)).toEqual({ free: [3, 4] });
    sidecar.judge = () => ({ answer: 'fine' });
    await until(outboxEmpty, 5000);
    expect(orderByKey(sidecar.log)).toEqual({ free: [3, 4], stuck: [1, 2] });
  });
});

describe('one relay at a time', () => {
  it('is taken over within 5 s after kill -9, with nothing lost and the order kept', async () => {
    const first = await startChild('task-api-0');
    await enqueue(event('a', 0));
    await until(() => sidecar.log.length === 1, 5000, 'the first event');
    await startChild('task-api-1');

    // Killed in the middle of a call whose outcome it never learns.
    let killed = 0;
    sidecar.judge = () => {
      if (killed === 0) {
        killed = performance.now();
        first.kill('SIGKILL');
        return { answer: 'lost' };
      }
      return { answer: 'fine' };
    };
    for (let n = 1; n <= 20; n += 1) await enqueue(event('a', n), event('b', n));
    await until(() => killed > 0, 5000, 'the kill');
    const calls = sidecar.calls.length;
    await until(() => sidecar.calls.length > calls, 5000, 'the take-over');
    const tookMs = performance.now() - killed;
    await until(outboxEmpty, 5000, 'an empty outbox');
    expect(tookMs).toBeLessThan(5000);
    expect(orderByKey(sidecar.log)).toEqual({ a: Array.from({ length: 21 }, (_, n) => n), b: Array.from({ length: 20 }, (_, n) => n + 1) });
  });

  it('may wake up after it was thought dead: what it still sends are repeats, and the order holds', async () => {
    const first = await startChild('task-api-0');
    await enqueue(event('a', 0));
    await until(() => sidecar.log.length === 1, 5000, 'the first event');
    const second = relay();
    for (let n = 1; n <= 10; n += 1) await enqueue(event('a', n));
    await until(outboxEmpty, 5000);

    // Stopped in the middle of a call: it has read events that the second will publish too.
    let stopped = false;
    sidecar.judge = async () => {
      if (stopped) return { answer: 'fine' };
      stopped = true;
      first.kill('SIGSTOP');
      return { answer: 'reset' };
    };
    await enqueue(...Array.from({ length: 30 }, (_, n) => event('a', 11 + n)));
    await until(() => second.active, 5000, 'the take-over');
    first.kill('SIGCONT');
    for (let n = 41; n <= 60; n += 1) await enqueue(event('a', n));
    await until(outboxEmpty, 10_000, 'an empty outbox');
    expect(second.active).toBe(true);
    expect(orderByKey(sidecar.log)).toEqual({ a: Array.from({ length: 61 }, (_, n) => n) });
  });

  it('is handed over at once by an orderly stop', async () => {
    const first = relay();
    await until(() => first.active, 5000);
    const second = relay();
    await first.stop();
    await until(() => second.active, 2000, 'the hand-over');
    expect(first.active).toBe(false);
  });

  it('while several are ready: each event is published once when nothing fails', async () => {
    relay();
    relay();
    relay();
    await enqueue(...Array.from({ length: 200 }, (_, n) => event(`key-${n % 20}`, n)));
    await until(outboxEmpty, 10_000);
    expect(sidecar.log).toHaveLength(200);
    expect(relays.filter(({ active }) => active)).toHaveLength(1);
  });
});

describe('when something is away', () => {
  it('backs off from a sidecar that is away, and goes on when it is back', async () => {
    const { port } = sidecar;
    await sidecar.stop();
    const metrics = new Metrics();
    const dapr = createDapr({ port });
    relays.push(startRelay({ database, dapr, log: silentLogger, metrics, source: 'todo/task-api', replica: 'r' }));
    await enqueue(event('a', 1), event('a', 2));
    const failures = async (): Promise<number> => Number(/outbox_publish_failures_total\{[^}]*\} (\d+)/.exec(await metrics.text())?.[1] ?? 0);
    await until(async () => (await failures()) >= 3, 10_000, 'three tries');
    // 100 + 200 + 400 … ms: not a storm.
    expect(await failures()).toBeLessThan(20);
    expect(await metrics.text()).toMatch(/^outbox_depth 2$/m);

    sidecar = await startScriptedSidecar(port);
    await until(outboxEmpty, 10_000, 'an empty outbox');
    expect(orderByKey(sidecar.log)).toEqual({ a: [1, 2] });
    expect(await metrics.text()).toMatch(/^outbox_depth 0$/m);
  });

  it('tries again when the sidecar never answers', async () => {
    let asked = 0;
    sidecar.judge = () => ((asked += 1) === 1 ? { answer: 'silence' } : { answer: 'fine' });
    relay(new Metrics(), 300);
    await enqueue(event('a', 1));
    await until(outboxEmpty, 5000);
    expect(asked).toBe(2);
  });

  it('gets its database connections back', async () => {
    const started = relay();
    await until(() => started.active, 5000);
    await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    await until(async () => database.transaction((tx) => outbox.enqueue(tx, [event('a', 1)])).then(() => true, () => false), 5000);
    await until(outboxEmpty, 10_000);
    expect(orderByKey(sidecar.log)).toEqual({ a: [1] });
  });
});

describe('how fast', () => {
  it('thousands of waiting events go out in bulks, each once', async () => {
    const started = performance.now();
    for (let n = 0; n < 5000; n += 500) await enqueue(...Array.from({ length: 500 }, (_, i) => event(`key-${(n + i) % 500}`, n + i)));
    relay();
    await until(outboxEmpty, 20_000, 'an empty outbox');
    expect(sidecar.log).toHaveLength(5000);
    expect(sidecar.calls.length).toBeLessThan(500);
    expect(performance.now() - started).toBeLessThan(20_000);
    const order = orderByKey(sidecar.log);
    for (const numbers of Object.values(order)) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('a committed event is with the sidecar long before the slow poll: the relay is woken', async () => {
    const started = relay();
    await until(() => started.active, 5000);
    const times: number[] = [];
    for (let n = 1; n <= 30; n += 1) {
      await enqueue(event(`key-${n}`, n));
      times.push(await until(() => sidecar.log.length === n, 2000));
    }
    times.sort((a, b) => a - b);
    expect(times[15]).toBeLessThan(300);
  });
});
