import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Environment, Platform } from '../../../../cli/definition/platform.ts';
import { PRICES } from '../../../../cli/providers/digitalocean/prices.ts';
import { SIZES } from '../../../../cli/providers/digitalocean/sizes.ts';
import type { KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import { priceBefore, priceOf, sizesInTerraform, sizesOfNodes } from '../../../../cli/operations/plan/price.ts';

const environment = (more: object = {}): Environment => ({ name: 'e', provider: 'digitalocean', registry: { server: 'ghcr.io', repository: 'x' }, nodes: { size: 's-2vcpu-4gb', count: 2 }, ...more }) as unknown as Environment;
const platform = (more: object = {}): Platform => ({ environment: environment(more) }) as Platform;
const object = (kind: string, spec: object = {}): KubernetesObject => ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, spec });
const disks = { name: 'kafka', replicas: 3, cpu: 0, memory: 0, volumes: [10, 5] };

describe('a price', () => {
  test('of nodes alone: a month, an hour of 672', () => {
    expect(priceOf(platform(), undefined, [], [], undefined)).toEqual({
      currency: 'USD', asOf: '2026-11-20', items: [{ what: 'node s-2vcpu-4gb', count: 2, monthly: 48 }], monthly: 48, hourly: 0.07, least: 48, most: 48, unknown: [],
    });
  });

  test.each<[string, object, KubernetesObject[], (typeof disks)[], number]>([
    ['a Gateway, which gets a load balancer', {}, [object('Gateway')], [], 63],
    ['a Service that asks for one', {}, [object('Service', { type: 'LoadBalancer' })], [], 63],
    ['a Service that does not', {}, [object('Service', { type: 'ClusterIP' }), object('HTTPRoute')], [], 48],
    ['volumes of each replica', {}, [], [disks], 52.5],
    ['a managed database', { postgres: { provider: 'digitalocean', size: 'db-s-2vcpu-4gb' } }, [], [], 108],
    ['managed Kafka', { kafka: { provider: 'digitalocean' } }, [], [], 195],
    ['managed Kafka of a size', { kafka: { provider: 'digitalocean', size: 'db-s-2vcpu-4gb' } }, [], [], 342],
    ['the registry of DigitalOcean, where no other is named', { registry: undefined }, [], [], 53],
  ])('with %s', (_, more, objects, footprints, monthly) => {
    expect(priceOf(platform(more), undefined, objects, footprints, undefined)?.monthly).toBe(monthly);
  });

  test('of the fewest nodes and the most', () => {
    expect(priceOf(platform({ nodes: { size: 's-2vcpu-4gb', count: 3, min: 2, max: 5 } }), undefined, [], [], undefined)).toMatchObject({ least: 48, monthly: 72, most: 120 });
  });

  test('what has none is named, and not taken for nothing', () => {
    expect(priceOf(platform({ nodes: { size: 'gpu', count: 1 } }), undefined, [], [], undefined)).toMatchObject({ unknown: ['node gpu'], items: [{ what: 'node gpu', count: 1 }] });
  });

  test('against what is there', () => {
    expect(priceOf(platform(), undefined, [], [], 24)?.difference).toBe(24);
    expect(priceOf(platform(), undefined, [], [], 60)?.difference).toBe(-12);
    expect(priceOf(platform(), undefined, [], [], undefined)).not.toHaveProperty('difference');
  });

  test('elsewhere is not known', () => {
    expect(priceOf(platform({ provider: 'azure' }), undefined, [], [], undefined)).toBeUndefined();
  });
});

describe('what is there', () => {
  test('by the sizes of its nodes, and its load balancers', () => {
    expect(priceBefore(['s-2vcpu-4gb', 's-4vcpu-8gb'], [object('Gateway')], [disks], environment())).toBe(91.5);
  });

  test.each([['none is known', []], ['one has no price', ['s-2vcpu-4gb', undefined]]])('not when of its nodes %s', (_, sizes) => {
    expect(priceBefore(sizes, [], [], environment())).toBeUndefined();
  });

  test('nodes of a cluster are told by their label', () => {
    expect(sizesOfNodes([{ metadata: { labels: { 'node.kubernetes.io/instance-type': 's-2vcpu-4gb' } } }, { metadata: {} }])).toEqual(['s-2vcpu-4gb', undefined]);
  });

  test('nodes of a render by the variables of its Terraform module', () => {
    const text = 'variable "region" {\n  default     = "nyc3"\n}\n\nvariable "node_size" {\n  description = "Machine."\n  default     = "s-2vcpu-4gb"\n}\n\nvariable "node_count" {\n  type        = number\n  default     = 2\n}\n';
    expect(sizesInTerraform(text)).toEqual(['s-2vcpu-4gb', 's-2vcpu-4gb']);
    expect(sizesInTerraform('')).toEqual([]);
  });
});

describe('the tables', () => {
  test('every size of a node whose room is known has a price, and the other way round', () => {
    expect(SIZES.sizes.map(({ slug }) => slug).sort()).toEqual(Object.keys(PRICES.nodes).sort());
  });

  test.each(SIZES.sizes.map((size) => [size.slug, size] as const))('%s is called what it has, and gives pods less than that', (slug, { cpus, memory, allocatable }) => {
    expect(slug).toBe(`s-${cpus}vcpu-${memory}gb`);
    expect(allocatable.cpu).toBe(cpus * 1000 - 100);
    expect(allocatable.memory).toBeGreaterThan(0);
    expect(allocatable.memory).toBeLessThan(memory * 1024);
  });

  test.each(Object.entries(PRICES).flatMap(([what, table]) => (typeof table === 'object' && !Array.isArray(table) ? [[what, table as Record<string, number>] as const] : [])))('of %s: more room costs more', (_, table) => {
    const prices = Object.values(table);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    expect(prices.every((price) => price > 0)).toBe(true);
  });
});

test('whatever is asked for: the fewest cost no more than what is asked for, and that no more than the most; the parts make the sum', () => {
  const nodes = fc.record({ size: fc.constantFrom(...Object.keys(PRICES.nodes)), count: fc.integer({ min: 1, max: 9 }), min: fc.integer({ min: 1, max: 9 }), max: fc.integer({ min: 1, max: 20 }) }, { requiredKeys: ['size', 'count'] });
  const footprints = fc.array(fc.record({ name: fc.constant('x'), replicas: fc.integer({ min: 0, max: 5 }), cpu: fc.constant(1), memory: fc.constant(1), volumes: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }) }));
  fc.assert(
    fc.property(nodes, footprints, fc.boolean(), (asked, pods, gateway) => {
      const price = priceOf(platform({ nodes: asked }), undefined, gateway ? [object('Gateway')] : [], pods, undefined);
      if (!price) throw new Error('DigitalOcean has prices');
      expect(price.least).toBeLessThanOrEqual(price.monthly);
      expect(price.monthly).toBeLessThanOrEqual(price.most);
      expect(price.items.reduce((sum, { monthly = 0 }) => sum + monthly, 0)).toBeCloseTo(price.monthly, 1);
    }),
  );
});
