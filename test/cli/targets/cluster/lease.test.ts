// Whose the lock of an environment is: a pure decision over what a Lease says, who we are and what time it is.
import { describe, expect, test } from 'vitest';
import { bootId, identify } from '../../../../cli/io/process-identity.ts';
import { claimant, holderOf, type Lease, locked } from '../../../../cli/targets/cluster/lease.ts';

const NOW = Date.parse('2026-11-21T20:00:00Z');
const me = claimant('deploy');
const micro = (at: number): string => new Date(at).toISOString().replace('Z', '000Z');
const lease = (process: object | undefined, renewed = NOW, holderIdentity = 'ada@laptop:7'): Lease => ({
  metadata: { name: 'todoctl-todo-prod', ...(process ? { annotations: { 'todoctl.io/process': JSON.stringify(process), 'todoctl.io/doing': 'teardown' } } : {}) },
  spec: { holderIdentity, leaseDurationSeconds: 60, acquireTime: micro(NOW - 90_000), renewTime: micro(renewed) },
});
const elsewhere = { pid: 7, start: '1', boot: 'another machine' };

describe('the lock', () => {
  test('names who holds it by user, host and process', () => {
    expect(me.holder).toMatch(new RegExp(`^[^@]+@[^:]+:${process.pid}$`));
  });

  test('of a process on another machine is theirs until nobody renews it', () => {
    expect(holderOf(lease(elsewhere), me, NOW)).toMatchObject({ by: 'other' });
    expect(holderOf(lease(elsewhere, NOW - 59_000), me, NOW)).toMatchObject({ by: 'other' });
    expect(holderOf(lease(elsewhere, NOW - 61_000), me, NOW)).toMatchObject({ by: 'nobody' });
  });

  test('of a process of this machine that has ended is nobody’s, at once', () => {
    expect(holderOf(lease({ pid: 2 ** 22 + 1, start: '1', boot: bootId() }), me, NOW)).toMatchObject({ by: 'nobody' });
  });

  test('of a pid that was given out again is nobody’s: who had it has ended', () => {
    expect(holderOf(lease({ ...identify(process.pid), start: 'before' }), me, NOW)).toMatchObject({ by: 'nobody' });
  });

  test('of another process of this machine that lives is theirs', () => {
    expect(holderOf(lease(identify(process.ppid)), me, NOW)).toMatchObject({ by: 'other' });
  });

  test('is ours by the process, not by the name', () => {
    expect(holderOf(lease(me.process, NOW, 'whatever'), me, NOW)).toMatchObject({ by: 'us' });
    expect(holderOf(lease(elsewhere, NOW, me.holder), me, NOW)).toMatchObject({ by: 'other' });
  });

  test('that says nothing of its process is believed by its times; without a holder it is nobody’s', () => {
    expect(holderOf(lease(undefined), me, NOW)).toMatchObject({ by: 'other' });
    expect(holderOf(lease(undefined, NOW, ''), me, NOW)).toMatchObject({ by: 'nobody' });
    expect(holderOf({ metadata: { name: 'x' }, spec: { holderIdentity: 'ada' } }, me, NOW)).toMatchObject({ by: 'nobody' });
  });

  test('that is taken is told with who, since when, what they do, and when it ends', () => {
    const held = holderOf(lease(elsewhere), me, NOW);
    if (held.by !== 'other') throw new Error('it is taken');
    const { code, message, details } = locked('prod', held);
    expect([code, message, ...details]).toEqual([
      'TODOCTL_LOCKED',
      'ada@laptop:7 is changing prod since 2026-11-21T19:58:30Z (todoctl teardown)',
      'last heard of at 2026-11-21T20:00:00Z; the lock ends 60 s after that: lease kube-system/todoctl-todo-prod',
    ]);
  });
});
