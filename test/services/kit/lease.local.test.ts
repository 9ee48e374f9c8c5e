import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLease, type Lease } from '../../../services/kit/lease.ts';
import { outboxMigration } from '../../../services/kit/outbox.ts';
import { useDatabase } from './database-fixture.ts';
import { until } from './scripted-sidecar.ts';

const fixture = useDatabase('task_api', [outboxMigration]);
let name: string;
beforeEach(() => {
  name = randomUUID();
});
const lease = (owner: string, ttlMs = 60_000): Lease => createLease(fixture.database, { name, owner, ttlMs });
/** As if that much time had gone by. */
async function pass(ms: number): Promise<void> {
  await fixture.database.query('UPDATE leases SET expires_at = expires_at - make_interval(secs => $2) WHERE name = $1', [name, ms / 1000]);
}

describe('a lease', () => {
  it('belongs to the first who asks, and to nobody else while it lasts', async () => {
    expect(await lease('a').hold()).toBe(1);
    expect(await lease('b').hold()).toBeUndefined();
    expect(await lease('a').hold()).toBe(1);
  });

  it('goes to exactly one of many who ask at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 15 }, (_, n) => lease(`owner-${n}`).hold()));
    expect(tokens.filter((token) => token !== undefined)).toEqual([1]);
  });

  it('that ran out goes to exactly one of those who ask, with a higher token', async () => {
    await lease('dead').hold();
    await pass(61_000);
    const tokens = await Promise.all(Array.from({ length: 15 }, (_, n) => lease(`owner-${n}`).hold()));
    expect(tokens.filter((token) => token !== undefined)).toEqual([2]);
    expect(await lease('dead').hold()).toBeUndefined();
  });

  it('is prolonged by being held again', async () => {
    await lease('a').hold();
    await pass(59_000);
    await lease('a').hold();
    await pass(59_000);
    expect(await lease('b').hold()).toBeUndefined();
  });

  it('that ran out and that nobody took is still its owner’s, with the same token', async () => {
    await lease('a').hold();
    await pass(61_000);
    expect(await lease('a').hold()).toBe(1);
  });

  it('that is released is free at once; by another it cannot be released', async () => {
    await lease('a').hold();
    await lease('b').release();
    expect(await lease('b').hold()).toBeUndefined();
    await lease('a').release();
    expect(await lease('b').hold()).toBe(2);
  });

  it('runs out by the clock of the database', async () => {
    await lease('a', 100).hold();
    const tookMs = await until(async () => (await lease('b', 100).hold()) !== undefined, 5000);
    expect(tookMs).toBeGreaterThan(50);
  });

  it('is one of many: each name has its own', async () => {
    await lease('a').hold();
    expect(await createLease(fixture.database, { name: randomUUID(), owner: 'b', ttlMs: 1000 }).hold()).toBe(1);
  });
});
