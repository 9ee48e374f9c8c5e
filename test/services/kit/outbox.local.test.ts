import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { listen, type Listener } from '../../../services/kit/listener.ts';
import { createOutbox, outboxChannel, outboxMigration, type Outbox, type OutboxEvent } from '../../../services/kit/outbox.ts';
import { backlog, deleteRows, readPage, type Cursor, type OutboxRow } from '../../../services/kit/relay-source.ts';
import { useDatabase } from './database-fixture.ts';
import { until } from './scripted-sidecar.ts';

const fixture = useDatabase('task_api', [outboxMigration]);
let outbox: Outbox;
beforeEach(async () => {
  outbox = createOutbox(fixture.database);
  await fixture.database.query('DELETE FROM outbox');
});

const event = (n: number, more: Partial<OutboxEvent> = {}): OutboxEvent => ({ id: randomUUID(), topic: 'task-events', type: 'task.created.v1', subject: 't1', key: 't1', data: { n }, ...more });
const enqueue = (...events: OutboxEvent[]) => fixture.database.transaction((tx) => outbox.enqueue(tx, events));
const read = (after?: Cursor, limit = 100) => readPage(fixture.database, 'todo/task-api', after, limit);
const numbers = (rows: readonly OutboxRow[]) => rows.map(({ event: { data } }) => (data as { n: number }).n);

describe('enqueuing', () => {
  it('keeps the order within a transaction and between transactions', async () => {
    await enqueue(event(1), event(2), event(3));
    await enqueue(event(4));
    expect(numbers((await read()).rows)).toEqual([1, 2, 3, 4]);
  });

  it('keeps everything a CloudEvent needs', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = event(1, { topic: 'task-updates', key: 'user-1', traceparent, data: { title: '🥛 שלום "quoted"', list: [null, 1.5] } });
    await enqueue(sent);
    const [row] = (await read()).rows;
    expect(row).toMatchObject({ id: sent.id, topic: 'task-updates', key: 'user-1' });
    expect(row?.event).toEqual({
      specversion: '1.0',
      id: sent.id,
      source: 'todo/task-api',
      type: 'task.created.v1',
      subject: 't1',
      time: row?.enqueuedAt.toISOString(),
      datacontenttype: 'application/json',
      traceparent,
      // Without it Dapr replaces the trace by one of its own.
      traceid: traceparent,
      partitionkey: 'user-1',
      data: sent.data,
    });
  });

  it('nothing does nothing', async () => {
    await enqueue();
    expect((await read()).rows).toEqual([]);
  });

  it('the same event twice is refused: ids are unique', async () => {
    const one = event(1);
    await enqueue(one);
    await expect(enqueue(one)).rejects.toThrow(/duplicate key/);
  });
});

describe('reading', () => {
  it('goes on after the cursor, page by page, and says when there is more', async () => {
    await enqueue(...Array.from({ length: 5 }, (_, n) => event(n)));
    const first = await read(undefined, 3);
    const second = await read(first.cursor, 3);
    expect([numbers(first.rows), first.more]).toEqual([[0, 1, 2], true]);
    expect([numbers(second.rows), second.more]).toEqual([[3, 4], false]);
    expect(await read(second.cursor)).toEqual({ rows: [], cursor: second.cursor, more: false, heldBack: false });
  });

  it('holds back what an older transaction could still come before, and says so', async () => {
    await enqueue(event(0));
    let commit = (): void => undefined;
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let enqueued = (): void => undefined;
    const begun = new Promise<void>((resolve) => (enqueued = resolve));
    const older = fixture.database.transaction(async (tx) => {
      await outbox.enqueue(tx, [event(1)]);
      enqueued();
      await gate;
    });
    await begun;
    await enqueue(event(2));
    const page = await read();
    expect([numbers(page.rows), page.heldBack]).toEqual([[0], true]);
    commit();
    await older;
    expect(numbers((await read(page.cursor)).rows)).toEqual([1, 2]);
  });

  it('of what is deleted finds nothing more; the backlog shrinks', async () => {
    await enqueue(event(1), event(2));
    expect((await backlog(fixture.database)).depth).toBe(2);
    const { rows } = await read();
    await deleteRows(fixture.database, [rows[0]?.id ?? '', randomUUID()]);
    expect(numbers((await read()).rows)).toEqual([2]);
    expect((await backlog(fixture.database)).depth).toBe(1);
  });

  it('tells how long the first has waited', async () => {
    expect(await backlog(fixture.database)).toEqual({ depth: 0, oldestSeconds: 0 });
    await enqueue(event(1));
    await fixture.database.query(`UPDATE outbox SET time = now() - interval '90 seconds'`);
    await enqueue(event(2));
    const { depth, oldestSeconds } = await backlog(fixture.database);
    expect(depth).toBe(2);
    expect(Math.round(oldestSeconds)).toBeGreaterThanOrEqual(90);
  });
});

// Each with a channel of its own: a notification is sent after the commit, and may arrive when the next test has begun.
describe('waking the relay', () => {
  describe('happens after the commit', () => {
    const relay = useListener('wakes_once');
    it('when there is something to read', async () => {
      await relay.enqueue(event(1));
      await until(() => relay.wakes() === 2, 5000);
      expect((await readPage(relay.fixture.database, 'todo/task-api', undefined, 100)).rows).toHaveLength(1);
    });
  });

  describe('does not happen', () => {
    const relay = useListener('wakes_never');
    it('for a transaction that was rolled back', async () => {
      const failing = relay.fixture.database.transaction(async (tx) => {
        await relay.outbox().enqueue(tx, [event(1)]);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await relay.enqueue(event(2));
      await until(() => relay.wakes() === 2, 5000);
      expect(relay.wakes()).toBe(2);
    });
  });

  describe('is not even tried', () => {
    const relay = useListener('wakes_pooled');
    it('behind a pooler, where nobody can listen', async () => {
      const pooled = createOutbox({ ...relay.fixture.database, pooled: true });
      for (let n = 1; n <= 5; n += 1) await relay.fixture.database.transaction((tx) => pooled.enqueue(tx, [event(n)]));
      await relay.enqueue(event(6));
      await until(() => relay.wakes() > 1, 5000);
      expect(relay.wakes()).toBe(2);
    });
  });

  describe('is gathered', () => {
    const relay = useListener('wakes_few');
    it('a hundred commits at once do not make a hundred notifications, and the last one counts', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, n) => relay.enqueue(event(n))));
      const seen = relay.wakes();
      await relay.enqueue(event(100));
      await until(() => relay.wakes() > seen, 5000);
      expect(relay.wakes()).toBeLessThan(80);
    });
  });
});

/** A schema with an outbox, and how often its listener was woken: once for being connected. */
function useListener(schema: string) {
  const own = useDatabase(schema, [outboxMigration]);
  let listener: Listener;
  let box: Outbox;
  let wakes = 0;
  beforeEach(async () => {
    box = createOutbox(own.database);
    listener = listen({ url: own.url, channel: outboxChannel(schema), clock: systemClock, onWake: () => void (wakes += 1) });
    await until(() => wakes === 1, 10_000, 'the connection');
  });
  afterEach(() => listener.close());
  return { fixture: own, outbox: () => box, wakes: () => wakes, enqueue: (sent: OutboxEvent) => own.database.transaction((tx) => box.enqueue(tx, [sent])) };
}
