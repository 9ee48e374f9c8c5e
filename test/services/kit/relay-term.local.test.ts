import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../services/kit/clock.ts';
import type { BulkEntry, BulkFailure } from '../../../services/kit/dapr.ts';
import { silentLogger } from '../../../services/kit/log.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { createOutbox, outboxMigration, type OutboxEvent } from '../../../services/kit/outbox.ts';
import { relayMetrics } from '../../../services/kit/relay-metrics.ts';
import { Term } from '../../../services/kit/relay-term.ts';
import { type DatabaseFixture, useDatabase } from './database-fixture.ts';
import { until } from './scripted-sidecar.ts';

const fixture = useDatabase('task_api', [outboxMigration]);

/** A bulk call that the test answers when it wants to. */
interface Call {
  topic: string;
  ids: string[];
  answer(failed?: BulkFailure[]): void;
  fail(): void;
  signal: AbortSignal | undefined;
}

let now: number;
let timers: { at: number; action: () => void }[];
let calls: Call[];
let kicks: number;
let term: Term;

const clock: Clock = {
  now: () => now,
  after(ms, action) {
    const timer = { at: now + ms, action };
    timers.push(timer);
    return () => void timers.splice(timers.indexOf(timer), 1);
  },
};

function newTerm({ database }: Pick<DatabaseFixture, 'database'> = fixture): Term {
  const publishBulk = (topic: string, entries: readonly BulkEntry[], signal?: AbortSignal): Promise<BulkFailure[]> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      calls.push({ topic, ids: entries.map(({ event }) => event.id), answer: (failed = []) => resolve(failed), fail: () => reject(new Error('away')), signal });
    });
  const made = new Term({
    database,
    dapr: { publishBulk },
    log: silentLogger,
    source: 'todo/task-api',
    clock,
    token: 1,
    measures: relayMetrics(new Metrics(), database),
    kick: () => void (kicks += 1),
  });
  made.heldUntil = now + 2500;
  return made;
}

beforeEach(async () => {
  now = 1000;
  timers = [];
  calls = [];
  kicks = 0;
  await fixture.database.query('DELETE FROM outbox');
  term = newTerm();
});

function event(key: string, topic = 'task-events'): OutboxEvent {
  return { id: randomUUID(), topic, type: 'task.updated.v1', subject: key, key, data: {} };
}
async function enqueue(...events: OutboxEvent[]): Promise<string[]> {
  const outbox = createOutbox(fixture.database);
  await fixture.database.transaction((tx) => outbox.enqueue(tx, events));
  return events.map(({ id }) => id);
}
/** Settles what was answered: the term asks to be called again for each call that ended. */
async function settled(count: number): Promise<void> {
  await until(() => kicks >= count, 2000, 'the end of a call');
}
async function left(): Promise<number> {
  return (await fixture.database.query('SELECT 1 FROM outbox')).rowCount;
}

describe('a term', () => {
  it('publishes what it reads, one event of a key at a time, and deletes what is confirmed', async () => {
    const [a1, a2, b1] = await enqueue(event('a'), event('a'), event('b'));
    await term.work();
    expect(calls.map(({ ids }) => ids)).toEqual([[a1, b1]]);
    calls[0]?.answer();
    await settled(1);
    await term.work();
    expect(calls[1]?.ids).toEqual([a2]);
    await until(async () => (await left()) === 1, 2000);
    calls[1]?.answer();
    await settled(2);
    await term.work();
    await until(async () => (await left()) === 0, 2000);
  });

  it('has one topic in a call, and several calls under way', async () => {
    const [a, b] = await enqueue(event('a', 'task-events'), event('a', 'task-updates'));
    await term.work();
    expect(calls.map(({ topic, ids }) => [topic, ids])).toEqual([['task-events', [a]], ['task-updates', [b]]]);
  });

  it('has at most four calls under way, of at most a hundred events', async () => {
    await enqueue(...Array.from({ length: 600 }, (_, n) => event(`key-${n}`)));
    await term.work();
    expect(calls.map(({ ids }) => ids.length)).toEqual([100, 100, 100, 100]);
    calls[2]?.answer();
    await settled(1);
    await term.work();
    expect(calls).toHaveLength(5);
  });

  it('publishes nothing new once its lease may have run out, and goes on when it is prolonged', async () => {
    await enqueue(event('a'));
    now = term.heldUntil;
    await term.work();
    expect(calls).toEqual([]);
    term.heldUntil = now + 2500;
    await term.work();
    expect(calls).toHaveLength(1);
  });

  it('that is abandoned breaks off its calls and begins none', async () => {
    await enqueue(event('a'), event('b', 'task-updates'));
    await term.work();
    term.abandon();
    expect(calls.every(({ signal }) => signal?.aborted)).toBe(true);
    await settled(2);
    now += 60_000;
    term.heldUntil = now + 2500;
    await term.work();
    expect(calls).toHaveLength(2);
    expect(await left()).toBe(2);
  });

  it('tries a refused event again before later ones of its key, after a while that doubles up to 2 s', async () => {
    const [a1] = await enqueue(event('a'), event('a'));
    const waits: number[] = [];
    await term.work();
    for (let n = 1; n <= 7; n += 1) {
      expect(calls.at(-1)?.ids).toEqual([a1]);
      calls.at(-1)?.answer([{ index: 0, error: 'no' }]);
      await settled(n);
      const failedAt = now;
      while (calls.length === n) {
        now = await term.work();
        term.heldUntil = now + 2500;
        await term.work();
      }
      waits.push(now - failedAt);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('rests from all keys when the sidecar is away', async () => {
    await enqueue(event('a'));
    await term.work();
    calls[0]?.fail();
    await settled(1);
    await enqueue(event('b'));
    term.lookAgain();
    expect(await term.work()).toBe(now + 100);
    expect(calls).toHaveLength(1);
    now += 100;
    await term.work();
    expect(calls[1]?.ids).toHaveLength(2);
  });

  it('reads again when told to, else by the slow poll', async () => {
    expect(await term.work()).toBe(now + 1000);
    const [a] = await enqueue(event('a'));
    expect(await term.work()).toBe(now + 1000);
    expect(calls).toEqual([]);
    term.lookAgain();
    await term.work();
    expect(calls[0]?.ids).toEqual([a]);
    const [b] = await enqueue(event('b'));
    now += 1000;
    await term.work();
    expect(calls[1]?.ids).toEqual([b]);
  });

  it('behind a pooler, where nobody tells it, polls five times a second', async () => {
    const pooled = newTerm({ database: { ...fixture.database, pooled: true } });
    expect(await pooled.work()).toBe(now + 200);
    const [a] = await enqueue(event('a'));
    now += 200;
    await pooled.work();
    expect(calls[0]?.ids).toEqual([a]);
  });

  it('reads all that waits, page by page, without being asked', async () => {
    for (let n = 0; n < 5; n += 1) await enqueue(...Array.from({ length: 500 }, () => event(`key-${n}`)));
    expect(await term.work()).toBe(0);
    expect(await term.work()).toBe(0);
    expect(await term.work()).toBeGreaterThan(now);
  });

  it('looks again soon for what an older transaction holds back', async () => {
    let commit = (): void => undefined;
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => (begun = resolve));
    const older = fixture.database.transaction(async (tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      begun();
      await gate;
    });
    await started;
    await enqueue(event('a'));
    expect(await term.work()).toBe(now + 5);
    expect(calls).toEqual([]);
    commit();
    await older;
    now += 5;
    await term.work();
    expect(calls).toHaveLength(1);
  });
});

describe('finishing', () => {
  it('lets calls under way end and deletes what they published', async () => {
    await enqueue(event('a'), event('a'));
    await term.work();
    const finished = term.finish();
    calls[0]?.answer();
    await finished;
    expect(await left()).toBe(1);
    expect(calls).toHaveLength(1);
  });

  it('does not wait for ever for a call', async () => {
    await enqueue(event('a'));
    await term.work();
    const finished = term.finish();
    expect(timers).toHaveLength(1);
    timers[0]?.action();
    await finished;
    expect(await left()).toBe(1);
  });
});

describe('the next holder', () => {
  it('begins with the first event that was not deleted, whatever the one before had read', async () => {
    const [a1] = await enqueue(event('a'), event('a'));
    await term.work();
    term.abandon();
    const next = newTerm();
    await next.work();
    expect(calls.at(-1)?.ids).toEqual([a1]);
  });
});
