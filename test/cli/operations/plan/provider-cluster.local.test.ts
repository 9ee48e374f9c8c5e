// A plan of an environment at a provider is against the cluster that the provider has of it.
import { expect, test } from 'vitest';
import type { Environment } from '../../../../cli/definition/platform.ts';
import { clusterOf } from '../../../../cli/operations/plan/cluster.ts';
import { stage } from '../../providers/digitalocean/stage.ts';
import { contextOn, targetWith } from '../stage.ts';

test('the cluster that the account has, once it is there', async () => {
  await using at = await stage();
  await at.provider();
  const context = { ...contextOn(targetWith()), cwd: at.folder, environment: 'prod', clock: at.account.clock, env: { DIGITALOCEAN_API_URL: at.account.url, DIGITALOCEAN_ACCESS_TOKEN: at.account.token, HOME: at.folder } };
  const planned = async (): Promise<string | undefined> => {
    using kubernetes = await clusterOf(context, { name: 'prod', provider: 'digitalocean' } as Environment, {});
    return kubernetes?.where;
  };
  expect(await planned()).toBeUndefined();
  expect((await at.create()).ok).toBe(true);
  expect(await planned()).toContain(at.behind.server);
});
