import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../services/kit/database.ts';
import { append, comparePositions, eventStoreMigration, feedHead, readFeed, readStream, VersionConflict, type Append, type StoredEvent } from '../../../services/kit/event-store.ts';
import { useDatabase } from './database-fixture.ts';

const fixture = useDatabase('task_api', [eventStoreMigration]);

function one(stream: string, expectedVersion: number, data: unknown = {}, scope = 'ada'): Append {
  return { stream, scope, expectedVersion, events: [{ id: randomUUID(), type: 'task.created.v1', data }] };
}
function write(what: Append): Promise<StoredEvent[]> {
  return fixture.database.transaction((tx) => append(tx, what));
}

describe('a stream', () => {
  it('numbers its events from 1 and gives them back in order, with all that was stored', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const stream = randomUUID();
    const first = await write({ ...one(stream, 0, { title: 'Milk 🥛' }), traceparent });
    const more = await write({ ...one(stream, 1), events: [{ id: randomUUID(), type: 'a', data: 1 }, { id: randomUUID(), type: 'b', data: [null] }] });
    expect(await readStream(fixture.database, stream)).toEqual([...first, ...more]);
    expect(more.map(({ version, type, data }) => ({ version, type, data }))).toEqual([{ version: 2, type: 'a', data: 1 }, { version: 3, type: 'b', data: [null] }]);
    expect(first[0]).toMatchObject({ version: 1, stream, scope: 'ada', traceparent, data: { title: 'Milk 🥛' } });
    expect(first[0]?.time).toBeInstanceOf(Date);
    expect(await readStream(fixture.database, stream, 2)).toHaveLength(1);
  });

  it('refuses an append at a version that is not its last', async () => {
    const stream = randomUUID();
    await write(one(stream, 0));
    await expect(write(one(stream, 0))).rejects.toThrow(VersionConflict);
    await expect(write(one(stream, 2))).rejects.toThrow(VersionConflict);
    expect(await readStream(fixture.database, stream)).toHaveLength(1);
  });

  it('lets one of many writers at the same version win', async () => {
    const stream = randomUUID();
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => write(one(stream, 0))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflict);
    expect(await readStream(fixture.database, stream)).toHaveLength(1);
  });

  it('keeps nothing of a transaction that was rolled back', async () => {
    const stream = randomUUID();
    const failing = fixture.database.transaction(async (tx) => {
      await append(tx, one(stream, 0));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await readStream(fixture.database, stream)).toEqual([]);
  });

  it('writes nothing for no events', async () => {
    expect(await write({ ...one(randomUUID(), 0), events: [] })).toEqual([]);
  });
});

describe('the feed of all streams', () => {
  it('shows every event once and in a fixed order, to a reader that follows while many write', async () => {
    const before = await feedHead(fixture.database);
    const seen: StoredEvent[] = [];
    let writing = true;
    const follow = async (): Promise<void> => {
      let after = before;
      for (;;) {
        const finished = !writing;
        const page = await readFeed(fixture.database, { after, limit: 7 });
        seen.push(...page);
        after = page.at(-1)?.position ?? after;
        if (finished && page.length === 0) return;
      }
    };
    const following = follow();
    const writers = Array.from({ length: 10 }, async () => {
      const stream = randomUUID();
      for (let version = 0; version < 15; version += 1) {
        await fixture.database.transaction(async (tx) => {
          await append(tx, one(stream, version));
          // Commits overtake each other.
          await tx.query('SELECT pg_sleep($1)', [Math.random() / 200]);
        });
      }
    });
    await Promise.all(writers);
    writing = false;
    await following;

    const all = await readFeed(fixture.database, { after: before, limit: 1000 });
    expect(seen).toEqual(all);
    expect(all).toHaveLength(150);
    expect(new Set(all.map(({ id }) => id)).size).toBe(150);
    const versions = Map.groupBy(seen, ({ stream }) => stream);
    for (const events of versions.values()) expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 15 }, (_, n) => n + 1));
  });

  it('holds back what an older, still running transaction could come before', async () => {
    const start = await feedHead(fixture.database);
    let commit = (): void => undefined;
    const wait = new Promise<void>((resolve) => (commit = resolve));
    let appended = (): void => undefined;
    const begun = new Promise<void>((resolve) => (appended = resolve));
    const older = fixture.database.transaction(async (tx: Transaction) => {
      await append(tx, one('older', 0));
      appended();
      await wait;
    });
    await begun;
    await write(one('younger', 0));
    expect(await readFeed(fixture.database, { after: start, limit: 10 })).toEqual([]);
    commit();
    await older;
    expect((await readFeed(fixture.database, { after: start, limit: 10 })).map(({ stream }) => stream)).toEqual(['older', 'younger']);
  });

  it('shows one scope only, when asked', async () => {
    const start = await feedHead(fixture.database);
    await write(one(randomUUID(), 0, {}, 'ada'));
    await write(one(randomUUID(), 0, {}, 'bob'));
    await write(one(randomUUID(), 0, {}, 'ada'));
    const bobs = await readFeed(fixture.database, { after: start, limit: 10, scope: 'bob' });
    expect(bobs.map(({ scope }) => scope)).toEqual(['bob']);
  });

  it('gives each event, when it is appended, the position that the feed shows later', async () => {
    const start = await feedHead(fixture.database);
    const [event] = await write(one(randomUUID(), 0));
    const [shown] = await readFeed(fixture.database, { after: start, limit: 1 });
    expect(shown?.position).toBe(event?.position);
    expect(await feedHead(fixture.database)).toBe(event?.position);
    expect(comparePositions(start ?? '0-0', event?.position ?? '')).toBeLessThan(0);
  });

  it('can be read in pages of any size', async () => {
    const all = await readFeed(fixture.database, { limit: 1000 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (limit) => {
        const paged: StoredEvent[] = [];
        for (let page = await readFeed(fixture.database, { limit }); page.length > 0; page = await readFeed(fixture.database, { limit, after: page.at(-1)?.position })) {
          paged.push(...page);
        }
        expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      }),
      { numRuns: 5 },
    );
  });
});
