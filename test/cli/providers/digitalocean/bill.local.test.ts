import { expect, test } from 'vitest';
import type { Resource } from '../../../../cli/providers/resource.ts';
import { type Stage, stage } from './stage.ts';

const OUTSIDE = { loadBalancers: 1, volumes: [10, 10, 20] };
const ALL = { postgres: { provider: 'digitalocean', size: 'db-s-2vcpu-4gb' }, kafka: { provider: 'digitalocean' }, controlPlane: { ha: true } };
const SERVICES = { 'task-api': { database: true } };

async function bill(there: Stage, given: { environment?: object; token?: string } = {}): Promise<Record<string, string>> {
  const provider = await there.provider({ services: SERVICES, ...given });
  const lines = (await provider.price?.(OUTSIDE)) ?? [];
  return Object.fromEntries(lines.map(({ name, price }: Resource) => [name, price ? `${price.monthly} ${price.source}, ${price.asOf}` : '?']));
}

const LISTED = "todoctl's price list, not confirmed by an account, 2026-11-20";

test('prices are the account’s where its API has them, else those of the dated list', async () => {
  await using there = await stage();
  expect(await bill(there, { environment: ALL })).toEqual({
    '3 × s-2vcpu-4gb': '72 GET /v2/sizes, 2026-11-20',
    'control plane of several machines': `40 ${LISTED}`,
    '1 × load balancer': `15 ${LISTED}`,
    '3 × volume, 40 GiB in all': `4 ${LISTED}`,
    'PostgreSQL 1 × db-s-2vcpu-4gb': `60 ${LISTED}`,
    'Kafka 3 × db-s-2vcpu-2gb': `147 ${LISTED}`,
    'registry, basic': '5 GET /v2/registries/options, 2026-11-20',
  });
  expect(there.account.changes()).toEqual([]);
});

test('a managed Kafka is of the size that is asked for; one without a price is named all the same', async () => {
  await using there = await stage();
  const kafka = async (size: string): Promise<Record<string, string>> => bill(there, { environment: { kafka: { provider: 'digitalocean', size } } });
  expect(await kafka('db-s-2vcpu-4gb')).toMatchObject({ 'Kafka 3 × db-s-2vcpu-4gb': `294 ${LISTED}` });
  expect(await kafka('gd-2vcpu-8gb')).toMatchObject({ 'Kafka 3 × gd-2vcpu-8gb': '?' });
});

test('a token that is not known, or may not look, gets the list', async () => {
  await using there = await stage();
  const expected = { '3 × s-2vcpu-4gb': `72 ${LISTED}`, 'registry, basic': "5 DigitalOcean's page of prices, 2026-11-20" };
  expect(await bill(there, { token: there.account.grant('account:read') })).toMatchObject(expected);
  expect(await bill(there, { token: 'dop_v1_unknown' })).toMatchObject(expected);
});

test('what is not made costs nothing, and a size without a price is named all the same', async () => {
  await using there = await stage();
  expect(await bill(there, { environment: { registry: { server: 'ghcr.io', repository: 'example/todo' }, nodes: { size: 's-unheard-of', count: 2 } } })).toEqual({
    '2 × s-unheard-of': '?', '1 × load balancer': `15 ${LISTED}`, '3 × volume, 40 GiB in all': `4 ${LISTED}`,
  });
});
