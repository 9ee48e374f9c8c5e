import { describe, expect, test } from 'vitest';
import type { Resource, ResourceKind } from '../../../cli/providers/resource.ts';
import type { TeardownResult } from '../../../cli/operations/teardown.ts';
import { teardownQuestion, teardownText } from '../../../cli/views/teardown.ts';

const plain = { colour: false, columns: 120 };
const costs = (monthly: number): Pick<Resource, 'price'> => ({ price: { monthly, hourly: monthly / 672, source: 'GET /v2/sizes', asOf: '2026-11-20' } });
const thing = (kind: ResourceKind, name: string, more: Partial<Resource> = {}): Resource => ({ kind, name, id: `id-of-${name}`, owner: 'environment', ...more });
const there = [
  thing('cluster', 'todo-prod'), thing('node pool', 'workers', costs(72)), thing('load balancer', 'entrance', costs(12)),
  thing('volume', 'data-0', costs(1)), thing('volume', 'data-1', costs(1.5)), thing('vpc', 'todo-prod'), thing('namespace', 'theirs', { owner: 'other' }),
];
const receipt = (more: Partial<TeardownResult>): string => teardownText({ environment: 'prod', dryRun: false, removed: [], kept: [], seconds: 61.2, ...more }, plain);

describe('what a person is asked', () => {
  test('names what goes, kind by kind, each with what it costs where that is known', () => {
    expect(teardownQuestion('prod', there, plain)).toBe(`This deletes all tasks and events of prod:
  1 cluster: todo-prod
  1 node pool: workers, $72.00 a month
  1 load balancer: entrance, $12.00 a month
  2 volumes: data-0, data-1, $2.50 a month
  1 VPC: todo-prod
  which costs $86.50 a month
`);
  });

  test('says that the database stays, where it does', () => {
    expect(teardownQuestion('prod', there.slice(0, 1), plain, { keepDatabase: true })).toBe('This deletes all of prod but its database:\n  1 cluster: todo-prod\n');
  });

  test('says nothing of money where no price is known', () => {
    expect(teardownQuestion('far', [thing('namespace', 'todo')], plain)).not.toContain('$');
  });

  test('no line grows without end', () => {
    const many = Array.from({ length: 40 }, (_, index) => thing('topic', `t${index}`));
    expect(teardownQuestion('prod', many, plain)).toContain('40 topics: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, and 28 more\n');
  });
});

describe('the receipt', () => {
  test('says what is gone and what that no longer costs', () => {
    expect(receipt({ removed: there.slice(0, 3) })).toBe(`Gone  prod in 61.2 s
      1 cluster: todo-prod
      1 node pool: workers, $72.00 a month
      1 load balancer: entrance, $12.00 a month
Left  nothing
Stopped  $84.00 a month
`);
  });

  test('says what was kept, what that goes on to cost, and what was never ours, with the reason', () => {
    const database = thing('database', 'todo-prod-db', costs(15));
    const operator = thing('release', 'strimzi', { owner: 'other', heldBy: 'others have a KafkaTopic: theirs/orders' });
    const text = receipt({ removed: there.slice(1, 2), kept: [database, operator] });
    expect(text).toContain('Kept  1 database: todo-prod-db, $15.00 a month\n');
    expect(text).toContain('Kept  Helm release strimzi id-of-strimzi, which is not ours: others have a KafkaTopic: theirs/orders\n');
    expect(text).toContain('Left  nothing else\nStopped  $72.00 a month\nGoes on  $15.00 a month\n');
  });

  test('of a dry run is what would go; of an environment that is not there, that', () => {
    expect(receipt({ dryRun: true, removed: there.slice(0, 6) })).toMatch(/^Would remove prod\n {2}1 cluster: todo-prod\n/);
    expect(receipt({ dryRun: true, kept: [] })).toBe('Nothing of prod is here\n');
    expect(receipt({})).toBe('Nothing of prod is here\n');
  });

  test('of the registry of all environments is that it stays, what it costs, and how it goes', () => {
    const registry = thing('registry', 'todo', { owner: 'platform', ...costs(5) });
    const line = 'Kept  1 registry: todo, $5.00 a month, for all environments: todoctl registry delete --env prod\n';
    expect(receipt({ removed: there.slice(0, 1), kept: [registry] })).toBe(`Gone  prod in 61.2 s\n      1 cluster: todo-prod\n${line}Left  nothing else\nGoes on  $5.00 a month\n`);
    expect(receipt({ kept: [registry] })).toBe(`Nothing of prod is here\n${line}`);
    expect(receipt({ dryRun: true, removed: there.slice(0, 1), kept: [registry] })).toBe(`Would remove prod\n  1 cluster: todo-prod\n${line}`);
  });
});
