import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { tableAttempts } from '../../../services/kit/attempts.ts';
import type { Transaction } from '../../../services/kit/database.ts';
import { createInbox, inboxMigration } from '../../../services/kit/inbox.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { useDatabase } from './database-fixture.ts';

const fixture = useDatabase('audit', [inboxMigration, { name: 'effects', sql: 'CREATE TABLE effects (event_id text NOT NULL)' }]);

const effect = (id: string) => async (tx: Transaction): Promise<void> => {
  await tx.query('INSERT INTO effects VALUES ($1)', [id]);
};
async function effects(id: string): Promise<number> {
  return (await fixture.database.query('SELECT 1 FROM effects WHERE event_id = $1', [id])).rowCount;
}

let id: string;
beforeEach(() => {
  id = randomUUID();
});

describe('an event', () => {
  it('has its effect once, and is only counted after that', async () => {
    const metrics = new Metrics();
    const inbox = createInbox(fixture.database, 'audit', metrics.counter('inbox_duplicates_total', 'Seen again.'));
    expect(await inbox.once(id, effect(id))).toBe('done');
    expect(await inbox.once(id, effect(id))).toBe('seen');
    expect(await inbox.once(id, effect(id))).toBe('seen');
    expect(await effects(id)).toBe(1);
    expect(await metrics.text()).toContain('inbox_duplicates_total{consumer="audit"} 2');
  });

  it('has its effect once when many replicas get it at the same time', async () => {
    const inbox = createInbox(fixture.database, 'audit');
    const slow = async (tx: Transaction): Promise<void> => {
      await tx.query('SELECT pg_sleep(0.02)');
      await effect(id)(tx);
    };
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => inbox.once(id, slow)));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(await effects(id)).toBe(1);
  });

  it('is not marked when its effect fails: the next try does it', async () => {
    const inbox = createInbox(fixture.database, 'audit');
    const half = async (tx: Transaction): Promise<void> => {
      await effect(id)(tx);
      throw new Error('half-way');
    };
    await expect(inbox.once(id, half)).rejects.toThrow('half-way');
    expect(await effects(id)).toBe(0);
    expect(await inbox.once(id, effect(id))).toBe('done');
    expect(await effects(id)).toBe(1);
  });

  it('passes to the replica that waited, when the first one fails', async () => {
    const inbox = createInbox(fixture.database, 'audit');
    let fail = (): void => undefined;
    const failing = new Promise<never>((_, reject) => (fail = () => reject(new Error('lost'))));
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const first = inbox.once(id, async () => {
      entered();
      await failing;
    });
    await inside;
    const second = inbox.once(id, effect(id));
    fail();
    await expect(first).rejects.toThrow('lost');
    expect(await second).toBe('done');
    expect(await effects(id)).toBe(1);
  });

  it('is a matter of each consumer by itself', async () => {
    expect(await createInbox(fixture.database, 'audit').once(id, effect(id))).toBe('done');
    expect(await createInbox(fixture.database, 'mailer').once(id, effect(id))).toBe('done');
  });
});

describe('pruning', () => {
  it('forgets marks by age, of this consumer only', async () => {
    const inbox = createInbox(fixture.database, 'pruned');
    await inbox.once(id, effect(id));
    await createInbox(fixture.database, 'other').once(id, effect(id));
    await fixture.database.query(`UPDATE inbox SET seen_at = now() - interval '8 days' WHERE event_id = $1`, [id]);
    const young = randomUUID();
    await inbox.once(young, effect(young));
    expect(await inbox.prune(7 * 86_400_000)).toBe(1);
    expect(await inbox.once(young, effect(young))).toBe('seen');
    expect(await createInbox(fixture.database, 'other').once(id, effect(id))).toBe('seen');
    expect(await inbox.once(id, effect(id))).toBe('done');
  });
});

describe('counted attempts', () => {
  it('go on counting in another process, until the event is settled', async () => {
    const before = tableAttempts(fixture.database, 'audit');
    expect(await before.failed(id)).toBe(1);
    expect(await before.failed(id)).toBe(2);
    const afterRestart = tableAttempts(fixture.database, 'audit');
    expect(await afterRestart.failed(id)).toBe(3);
    await afterRestart.settled(id);
    expect(await afterRestart.failed(id)).toBe(1);
  });

  it('cost nothing for an event that never failed here', async () => {
    const asked: string[] = [];
    const counting = { query: (text: string) => Promise.reject(new Error(`asked ${asked.push(text)}`)) };
    await tableAttempts(counting, 'audit').settled(id);
    expect(asked).toEqual([]);
  });
});
