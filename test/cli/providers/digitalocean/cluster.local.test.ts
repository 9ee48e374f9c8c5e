import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ENVIRONMENT, stage } from './stage.ts';

test('a cluster is made with its own network, as it is asked for, and signed in to', async () => {
  await using there = await stage();
  const provider = await there.provider();
  const { cluster: step } = await provider.steps();
  const outcome = await there.run([step]);
  expect(outcome.error).toBeUndefined();
  expect(there.account.changes()).toEqual(['POST /v2/vpcs', 'POST /v2/kubernetes/clusters']);
  const cluster = outcome.of(step);
  expect(cluster).toMatchObject({ name: 'todo-prod in nyc3', uid: 'uid-of-the-first' });
  const asked = there.account.requests.find(({ method, path: where }) => method === 'POST' && where === '/v2/kubernetes/clusters')?.body;
  expect(asked).toMatchObject({
    name: 'todo-prod', region: 'nyc3', version: '1.36.1-do.0', ha: false, surge_upgrade: true, tags: ['todoctl', 'todoctl:todo:prod'],
    maintenance_policy: { day: 'sunday', start_time: '04:00' },
    node_pools: [{ size: 's-2vcpu-4gb', count: 3, auto_scale: true, min_nodes: 2, max_nodes: 5 }],
  });
  const kubeconfig = path.join(there.folder, '.todoctl/prod/kubeconfig');
  expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);
  expect(await readFile(kubeconfig, 'utf8')).toContain(there.behind.token);
  expect(there.account.requests.find(({ path: where }) => where.endsWith('/credentials'))?.query).toEqual({ expiry_seconds: '28800' });
});
void ENVIRONMENT;
