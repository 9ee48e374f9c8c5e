import { describe, expect, test } from 'vitest';
import type { Environment, Platform } from '../../../../cli/definition/platform.ts';
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
