import type { Price, Resource, ResourceKind } from '../providers/resource.ts';
import type { Context } from './context.ts';

/** From Friday 18:00 to Monday 08:00. */
export const WEEKEND_HOURS = 62;

/** Money in USD, of so much time. */
export interface Sums {
  monthly: number;
  hourly: number;
  weekend: number;
}

export interface CostLine extends Partial<Sums> {
  what: string;
  kind: ResourceKind;
  /** Who names the price, and when; absent where nobody does. */
  source?: string;
  asOf?: string;
  /** Other environments of the platform use it too. */
  shared?: true;
}

export interface CostResult extends Sums {
  environment: string;
  currency: 'USD';
  lines: CostLine[];
  /** What has no known price. */
  unknown: string[];
}

/** What the environment costs as it is declared: asked of the provider where it tells, else of a dated list. It makes nothing. */
export async function cost(context: Context): Promise<CostResult> {
  const target = await context.target();
  const resources = (await target.price?.()) ?? [];
  const prices = resources.flatMap(({ price }) => (price ? [price] : []));
  return {
    environment: context.environment,
    currency: 'USD',
    lines: resources.map(lineOf),
    ...sumsOf(prices),
    unknown: resources.filter(({ price }) => !price).map(({ name }) => name),
  };
}

/** What runs costs, for the meter of a status: undefined where nothing of ours has a price. `since`: the oldest of it, milliseconds since the epoch. */
export function meterOf(resources: readonly Resource[]): { hourly: number; monthly: number; since?: number } | undefined {
  const ours = resources.filter((one): one is Resource & { price: Price } => one.owner !== 'other' && one.price !== undefined);
  if (ours.length === 0) return undefined;
  const { hourly, monthly } = sumsOf(ours.map(({ price }) => price));
  const since = ours.flatMap(({ since: begun }) => (begun === undefined ? [] : [begun])).toSorted((a, b) => a - b)[0];
  return { hourly, monthly, ...(since === undefined ? {} : { since }) };
}

function lineOf({ kind, name, owner, price }: Resource): CostLine {
  return { what: name, kind, ...(price ? { ...sumsOf([price]), source: price.source, asOf: price.asOf } : {}), ...(owner === 'platform' ? { shared: true as const } : {}) };
}

function sumsOf(prices: readonly Price[]): Sums {
  const of = (key: 'monthly' | 'hourly'): number => prices.reduce((sum, price) => sum + price[key], 0);
  return { monthly: rounded(of('monthly'), 2), hourly: rounded(of('hourly'), 4), weekend: rounded(of('hourly') * WEEKEND_HOURS, 2) };
}

function rounded(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}
