// A release that is pending is somebody's at work, or was left by a helm that is dead: which, and what mends it.
import { describe, expect, test } from 'vitest';
import type { ReleaseRecord } from '../../../../cli/targets/cluster/helm-records.ts';
import { repairOf } from '../../../../cli/targets/cluster/pending.ts';

const AT = Date.parse('2026-11-21T20:00:00Z');
const LONG_AFTER = AT + 10 * 60_000;
const record = (revision: number, status: ReleaseRecord['status'], at = AT): ReleaseRecord => ({ secret: `sh.helm.release.v1.dapr.v${revision}`, revision, status, at, labels: {} });

describe('what is not pending needs no repair', () => {
  test.each(['deployed', 'failed', 'superseded', 'uninstalled'] as const)('%s', (status) => {
    expect(repairOf('dapr', [record(2, status)], 'dead', LONG_AFTER)).toBeUndefined();
  });

  test('nor does what is not there', () => {
    expect(repairOf('dapr', [], 'unknown', AT)).toBeUndefined();
  });

  test('nor an older revision that was left pending, once a newer one is deployed', () => {
    expect(repairOf('dapr', [record(3, 'deployed'), record(2, 'pending-upgrade')], 'dead', LONG_AFTER)).toBeUndefined();
  });
});

describe('a helm that may live is waited for', () => {
  test('one that lives, however long', () => {
    expect(repairOf('dapr', [record(1, 'pending-install')], 'alive', LONG_AFTER)).toEqual({ is: 'wait', reason: 'helm is at pending-install of dapr since 2026-11-21T20:00:00Z' });
  });

  test('one that lives and has written nothing yet, or nothing of what it does now', () => {
    const wait = { is: 'wait', reason: 'a helm that was started before is still at dapr' };
    expect([repairOf('dapr', [], 'alive', AT), repairOf('dapr', [record(1, 'deployed')], 'alive', AT)]).toEqual([wait, wait]);
  });

  test('one of another machine, as long as its own limit lasts', () => {
    expect(repairOf('dapr', [record(1, 'pending-install')], 'unknown', AT + 5 * 60_000)).toMatchObject({ is: 'wait' });
    expect(repairOf('dapr', [record(1, 'pending-install')], 'unknown', LONG_AFTER)).toMatchObject({ is: 'uninstall' });
  });
});

describe('what a dead helm left', () => {
  test('a first installation is removed, to be made anew', () => {
    expect(repairOf('dapr', [record(1, 'pending-install')], 'dead', AT)).toEqual({ is: 'uninstall', reason: 'dapr is pending-install since 2026-11-21T20:00:00Z: the helm that did it was ended' });
  });

  test.each(['pending-upgrade', 'pending-rollback'] as const)('%s goes back to what is deployed', (status) => {
    expect(repairOf('dapr', [record(3, status), record(2, 'failed'), record(1, 'deployed')], 'dead', AT)).toMatchObject({ is: 'rollback', to: 1 });
  });

  test('a rollback that was ended when nothing was deployed any more goes back to the newest that once was', () => {
    expect(repairOf('dapr', [record(4, 'pending-rollback'), record(3, 'superseded'), record(2, 'superseded')], 'dead', AT)).toMatchObject({ is: 'rollback', to: 3 });
  });

  test('a removal is finished', () => {
    expect(repairOf('dapr', [record(2, 'uninstalling'), record(1, 'superseded')], 'dead', AT)).toMatchObject({ is: 'uninstall' });
  });
});
