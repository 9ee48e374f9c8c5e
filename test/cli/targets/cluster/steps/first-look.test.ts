// How long what was seen in the beginning of a deploy is good.
import { expect, test } from 'vitest';
import type { Step } from '../../../../../cli/engine/step.ts';
import type { Cluster } from '../../../../../cli/providers/provider.ts';
import type { Ground } from '../../../../../cli/targets/cluster/ground.ts';
import { firstLook } from '../../../../../cli/targets/cluster/steps/deploying.ts';
import { type Lock, openLock } from '../../../../../cli/targets/cluster/steps/lock.ts';
import { VirtualClock } from '../../../engine/virtual-clock.ts';

function lockOf(): Lock {
  const ground = { peek: { platform: 'todo' }, given: { clock: new VirtualClock(), environment: 'far' } } as unknown as Ground;
  return openLock(ground, { id: 'cluster' } as Step<Cluster>, 'deploy');
}

test('for the first look of each step, as long as this run has changed nothing', () => {
  const lock = lockOf();
  const [one, other] = [firstLook({ lock }), firstLook({ lock })];
  expect([one(), one(), one()]).toEqual([true, false, false]);
  expect(other()).toBe(true);
});

test('not for a step that comes after a change', () => {
  const lock = lockOf();
  const [before, after] = [firstLook({ lock }), firstLook({ lock })];
  expect([before(), lock.untouched()]).toEqual([true, true]);
  lock.assertHeld();
  expect([after(), lock.untouched()]).toEqual([false, false]);
});
