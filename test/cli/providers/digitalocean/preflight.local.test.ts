import { expect, test } from 'vitest';
import { type Stage, stage, wrong } from './stage.ts';

async function preflight(there: Stage, given: Parameters<Stage['provider']>[0] = {}) {
  return (await there.provider(given)).preflight();
}

test('an account that has room for it has nothing wrong, and is not changed', async () => {
  await using there = await stage();
  expect(wrong(await preflight(there))).toEqual([]);
  expect(there.account.changes()).toEqual([]);
});

test('no token, and one that is not known, are said alone', async () => {
  await using there = await stage();
  expect(wrong(await preflight(there, { token: ' ' }))).toEqual(['DigitalOcean: TODOCTL_DIGITALOCEAN_NO_TOKEN']);
  there.account.revoke();
  expect(wrong(await preflight(there))).toEqual(['DigitalOcean: TODOCTL_DIGITALOCEAN_TOKEN_REFUSED']);
});

test('all scopes that are missing are named at once', async () => {
  await using there = await stage();
  const checks = await preflight(there, { token: there.account.grant('account:read', 'kubernetes:read', 'sizes:read') });
  const missing = checks.find(({ title }) => title === 'Scopes of the token')?.error;
  expect(missing).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', exit: 4 });
  expect(missing?.details).toEqual(expect.arrayContaining(['vpc:read', 'load_balancer:read', 'block_storage:read', 'block_storage_snapshot:read'].map((scope) => `it needs the scope ${scope}`)));
});

test.each([
  [{ region: 'nyc33' }, 'Region: TODOCTL_DIGITALOCEAN_REGION_UNKNOWN', 'nyc3'],
  [{ nodes: { size: 's-2vcpu-44gb', count: 2 } }, 'Size of the nodes: TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN', 's-2vcpu-4gb'],
  [{ controlPlane: { version: '1.21' } }, 'Version of Kubernetes: TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN', '1.36.1-do.0'],
])('%j is refused with what there is', async (environment, expected, offered) => {
  await using there = await stage();
  const checks = await preflight(there, { environment });
  expect(wrong(checks)).toEqual([expected]);
  expect(checks.flatMap(({ error }) => error?.details ?? []).join()).toContain(offered);
});

test('the most nodes that the autoscaler may make count against the limit', async () => {
  await using there = await stage({ dropletLimit: 4 });
  const checks = await preflight(there);
  expect(wrong(checks)).toEqual(['Limit of Droplets: TODOCTL_DIGITALOCEAN_LIMIT']);
  expect(checks.find(({ error }) => error)?.error?.message).toBe('todo-prod may grow to 5 nodes, and the account has room for 4');
});

test('addresses that somebody has are refused, with who has them and what is free', async () => {
  await using there = await stage({ others: 1 });
  const checks = await preflight(there, { environment: { controlPlane: { network: 200 } } });
  expect(wrong(checks)).toEqual(['Addresses: TODOCTL_DIGITALOCEAN_CIDR_OVERLAP']);
  expect(checks.find(({ error }) => error)?.error?.details).toEqual(['10.200.0.0/20 overlaps with 10.200.0.0/20 of VPC their-vpc', expect.stringMatching(/^1\d\d is free$/)]);
});

test('several mistakes are told together', async () => {
  await using there = await stage({ dropletLimit: 1 });
  there.account.state.account.status = 'locked';
  expect(wrong(await preflight(there, { environment: { controlPlane: { version: '1.21' } } }))).toEqual([
    'Account: TODOCTL_DIGITALOCEAN_ACCOUNT_LOCKED', 'Version of Kubernetes: TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN', 'Limit of Droplets: TODOCTL_DIGITALOCEAN_LIMIT',
  ]);
});

test('a managed database that cannot be had is refused before anything is made', async () => {
  await using there = await stage();
  const checks = await preflight(there, { environment: { postgres: { provider: 'digitalocean', size: 'db-s-99vcpu-1gb' } }, services: { audit: { route: '/', database: true } } });
  expect(wrong(checks)).toEqual(['Managed PostgreSQL: TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN']);
  expect(checks.flatMap(({ error }) => error?.details ?? []).join()).toContain('db-s-1vcpu-1gb');
  expect(there.account.changes()).toEqual([]);
});
