import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cost, meterOf, WEEKEND_HOURS } from '../../../cli/operations/cost.ts';
import type { Price, Resource } from '../../../cli/providers/resource.ts';
import { costText } from '../../../cli/views/cost.ts';
import { contextOn, targetWith } from './stage.ts';

const price = (monthly: number, source = 'GET /v2/sizes', asOf = '2026-11-21'): Price => ({ monthly, hourly: monthly / 672, source, asOf });
const NODES: Resource = { kind: 'node pool', name: '3 × s-4vcpu-8gb', id: 'todo-prod', owner: 'environment', price: price(144) };
const BALANCER: Resource = { kind: 'load balancer', name: '1 × load balancer', id: 'load-balancers', owner: 'environment', price: price(15, 'a list', '2026-11-20') };
const REGISTRY: Resource = { kind: 'registry', name: 'registry, basic', id: 'registry', owner: 'platform', price: price(5, 'GET /v2/registries/options') };

const bill = (resources: readonly Resource[]) => cost(contextOn(targetWith({ price: async () => resources })));

test('every line has whose price it is, and the sums are of all of them', async () => {
  expect(await bill([NODES, BALANCER, REGISTRY])).toMatchObject({
    environment: 'local', currency: 'USD', monthly: 164, hourly: 0.244, weekend: 15.13, unknown: [],
    lines: [
      { what: '3 × s-4vcpu-8gb', monthly: 144, hourly: 0.2143, weekend: 13.29, source: 'GET /v2/sizes', asOf: '2026-11-21' },
      { what: '1 × load balancer', monthly: 15, source: 'a list', asOf: '2026-11-20' },
      { what: 'registry, basic', monthly: 5, shared: true },
    ],
  });
});

test('what has no known price is named, and in no sum', async () => {
  expect(await bill([NODES, { kind: 'database', name: 'PostgreSQL 1 × huge', id: 'postgres', owner: 'environment' }])).toMatchObject({ monthly: 144, unknown: ['PostgreSQL 1 × huge'], lines: [{}, { what: 'PostgreSQL 1 × huge', kind: 'database' }] });
});

test('where nothing is billed, nothing is', async () => {
  expect(await cost(contextOn(targetWith()))).toEqual({ environment: 'local', currency: 'USD', lines: [], monthly: 0, hourly: 0, weekend: 0, unknown: [] });
});

test('a weekend is from Friday 18:00 to Monday 08:00', () => {
  expect(WEEKEND_HOURS).toBe((Date.UTC(2026, 10, 23, 8) - Date.UTC(2026, 10, 20, 18)) / 3_600_000);
});

test('sums are those of the lines, to the cent of each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 20 }), async (amounts) => {
      const result = await bill(amounts.map((monthly, index) => ({ ...NODES, id: String(index), price: price(monthly) })));
      const lines = result.lines.reduce((sum, { monthly = 0 }) => sum + monthly, 0);
      expect(Math.abs(lines - result.monthly)).toBeLessThanOrEqual(0.005 * (amounts.length + 1) + 1e-6);
    }),
  );
});

test('the meter counts what is ours and has a price, since the oldest of it', () => {
  expect(meterOf([{ ...NODES, since: 500 }, { ...BALANCER, since: 200 }, { ...REGISTRY, owner: 'other', since: 1 }])).toEqual({ monthly: 159, hourly: 0.2366, since: 200 });
  expect(meterOf([{ kind: 'process', name: 'web', id: '1', owner: 'environment' }])).toBeUndefined();
});

test('the bill as a person reads it', async () => {
  expect(costText(await bill([NODES, BALANCER, REGISTRY, { kind: 'database', name: 'PostgreSQL 1 × huge', id: 'postgres', owner: 'environment' }]), { colour: false })).toMatchInlineSnapshot(`
    "local a month, USD
      3 × s-4vcpu-8gb                        144.00  1
      1 × load balancer                       15.00  2
      registry, basic, for all environments    5.00  3
      PostgreSQL 1 × huge                         ?
      all of it                              164.00

      0.2440 an hour, 15.13 from Friday 18:00 to Monday 08:00
      no price is known of PostgreSQL 1 × huge
      1 GET /v2/sizes, 2026-11-21
      2 a list, 2026-11-20
      3 GET /v2/registries/options, 2026-11-21
    "
  `);
  expect(costText(await cost(contextOn(targetWith())), { colour: false })).toBe('local costs nothing that todoctl knows of\n');
});
