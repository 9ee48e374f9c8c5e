import path from 'node:path';
import { expect, test } from 'vitest';
import { loadPlatform } from '../../../../cli/definition/load.ts';
import { footprintsOf } from '../../../../cli/targets/cluster/capacity/pods.ts';
import { priceOf } from '../../../../cli/operations/plan/price.ts';
import { SYSTEM_SCHEMAS } from '../../../../cli/systems/all.ts';
import { outsideOf } from '../../../../cli/targets/cluster/price.ts';
import { wantedOf } from '../../../../cli/targets/cluster/wanted.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

test.each(['staging', 'prod'])('what cost and plan count of %s is the same', async (environment) => {
  const platform = await loadPlatform({ cwd: ROOT, environment, env: {}, systems: SYSTEM_SCHEMAS });
  const wanted = await wantedOf(platform);
  const objects = wanted.desired.objects.map(({ object }) => object);
  const planned = priceOf(platform, undefined, objects, footprintsOf(objects, wanted.systems), undefined)?.items ?? [];
  const { loadBalancers, volumes } = outsideOf(wanted);
  expect(planned.find(({ what }) => what === 'load balancer')?.count).toBe(loadBalancers);
  expect(planned.find(({ what }) => what.startsWith('volume'))).toMatchObject({ count: volumes.length, what: `volume, ${volumes.reduce((sum, one) => sum + one, 0)} GiB in all` });
});
