import type { Environment, Platform } from '../../definition/platform.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { HOURS_OF_A_MONTH, PRICES, SMALLEST_KAFKA } from '../../providers/digitalocean/prices.ts';
import type { Footprint } from '../../systems/system.ts';
import type { LiveNode, Nodes } from '../../targets/cluster/capacity/nodes.ts';

/** One line of a bill. */
export interface Item {
  what: string;
  count: number;
  /** USD a month for all of them; absent where no price is known. */
  monthly?: number;
}

export interface Price {
  currency: string;
  /** Day of the price list; what it says was not confirmed by an account. */
  asOf: string;
  items: Item[];
  /** USD with as many nodes as are asked for, with the fewest, and with the most. */
  monthly: number;
  hourly: number;
  least: number;
  most: number;
  /** What it is a month more than what is there; absent where nothing is known of that. */
  difference?: number;
  /** What has no known price. */
  unknown: string[];
}

/** What an environment costs on DigitalOcean; undefined elsewhere, where no prices are known. */
export function priceOf({ environment }: Platform, nodes: Nodes | undefined, objects: readonly KubernetesObject[], footprints: readonly Footprint[], before: number | undefined): Price | undefined {
  if (environment.provider !== 'digitalocean') return undefined;
  const { size, count = 0, min = count, max = count } = environment.nodes ?? {};
  const perNode = lookUp(PRICES.nodes, size);
  const rest = [...balancers(objects), ...volumes(footprints), ...managed(environment)];
  const items: Item[] = [item(`node ${size ?? ''}`, count, perNode === undefined ? undefined : perNode * count), ...rest].filter(({ count: some }) => some > 0);
  const fixed = total(rest);
  const of = (number: number): number => cents(fixed + (perNode ?? 0) * number);
  const monthly = of(count);
  return {
    currency: PRICES.currency,
    asOf: PRICES.asOf,
    items,
    monthly,
    hourly: cents(monthly / HOURS_OF_A_MONTH),
    least: of(Math.min(min, count)),
    most: of(Math.max(max, count, nodes?.most ?? 0)),
    ...(before === undefined ? {} : { difference: cents(monthly - before) }),
    unknown: items.filter(({ monthly: known }) => known === undefined).map(({ what }) => what),
  };
}

/**
 * USD a month of what is there: its nodes by their sizes, and the load balancers of its objects; volumes and what is managed as they are
 * wanted now. Undefined where a node has no known price, or none is known of.
 */
export function priceBefore(sizes: readonly (string | undefined)[], objects: readonly KubernetesObject[], footprints: readonly Footprint[], environment: Environment): number | undefined {
  const each = sizes.map((size) => lookUp(PRICES.nodes, size));
  if (each.length === 0 || each.some((price) => price === undefined)) return undefined;
  return cents(each.reduce<number>((sum, price) => sum + (price ?? 0), 0) + total([...balancers(objects), ...volumes(footprints), ...managed(environment)]));
}

/** The size of each node, from the labels that a provider gives its nodes. */
export function sizesOfNodes(nodes: readonly LiveNode[]): (string | undefined)[] {
  return nodes.map(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type']);
}

/** The size of each node, from the variables of a rendered Terraform module; none where it has no nodes. */
export function sizesInTerraform(variables: string): string[] {
  const [size, count] = ['node_size', 'node_count'].map((name) => new RegExp(`^variable "${name}" \\{[^}]*?default\\s*=\\s*"?([^"\\n]+)`, 'm').exec(variables)?.[1]);
  return size === undefined ? [] : Array.from({ length: Number(count ?? 0) }, () => size);
}

/** The cluster's controllers make a load balancer for each Gateway, and for each Service that asks for one. */
function balancers(objects: readonly KubernetesObject[]): Item[] {
  const count = objects.filter(({ kind, spec }) => kind === 'Gateway' || (kind === 'Service' && (spec as { type?: string } | undefined)?.type === 'LoadBalancer')).length;
  return [item('load balancer', count, count * PRICES.loadBalancer)];
}

function volumes(footprints: readonly Footprint[]): Item[] {
  const sizes = footprints.flatMap(({ replicas, volumes: each = [] }) => Array.from({ length: replicas }, () => each).flat());
  const gib = sizes.reduce((sum, size) => sum + size, 0);
  return [item(`volume, ${gib} GiB in all`, sizes.length, cents(gib * PRICES.volumeGiB))];
}

function managed({ postgres, kafka, registry }: Environment): Item[] {
  const items: Item[] = [];
  if (postgres?.provider === 'digitalocean') items.push(item(`PostgreSQL ${postgres.size ?? ''}`, 1, lookUp(PRICES.postgres, postgres.size)));
  if (kafka?.provider === 'digitalocean') items.push(item('managed Kafka', 1, lookUp(PRICES.kafka, kafka.size ?? SMALLEST_KAFKA)));
  if (!registry) items.push(item('registry', 1, PRICES.registry));
  return items;
}

function item(what: string, count: number, monthly: number | undefined): Item {
  return { what, count, ...(monthly === undefined ? {} : { monthly }) };
}

function total(items: readonly Item[]): number {
  return items.reduce((sum, { monthly = 0 }) => sum + monthly, 0);
}

function lookUp(table: Readonly<Record<string, number>>, key: string | undefined): number | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
