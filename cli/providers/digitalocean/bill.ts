import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Price, Resource, ResourceKind } from '../resource.ts';
import type { WantedOutside } from '../provider.ts';
import type { ApiSize } from './api.ts';
import type { DigitalOcean } from './client.ts';
import { wantedCluster } from './cluster/wanted.ts';
import { wantedKafka, wantedPostgres } from './databases/wanted.ts';
import { HOURS_OF_A_MONTH, PRICES } from './prices.ts';
import { wantedRegistry } from './registry/wanted.ts';
import type { SignInGiven } from './cluster/sign-in.ts';

/** What the account itself was asked; absent where there is no token or it may not look. */
interface Asked {
  sizes?: readonly ApiSize[];
  /** Slug and cents a month. */
  tiers?: readonly { slug: string; monthly_price_in_cents: number }[];
  asOf: string;
}

const LISTED = "todoctl's price list, not confirmed by an account";
const CONFIRMED = "DigitalOcean's page of prices";

/**
 * What an environment costs as it is declared, with as many nodes as it begins with. Where the API has prices (nodes, registry) they are
 * the account's; the rest is from a dated list. Without a token all of it is. Errors: TODOCTL_DIGITALOCEAN_INCOMPLETE.
 */
export async function billOf(given: Pick<SignInGiven, 'api' | 'redactor'>, platform: Platform, { loadBalancers, volumes }: WantedOutside, now: number): Promise<Resource[]> {
  const wanted = wantedCluster(platform);
  const { name, size, count, ha } = wanted;
  const asked = await ask(given.api, now);
  const [postgres, kafka, registry] = [wantedPostgres(platform), wantedKafka(platform), wantedRegistry(platform, given)];
  const gib = volumes.reduce((sum, one) => sum + one, 0);
  return [
    line('node pool', `${count} × ${size}`, name, priceOfNodes(size, count, asked)),
    ...(ha ? [line('cluster', 'control plane of several machines', name, listed(PRICES.controlPlane))] : []),
    ...(loadBalancers > 0 ? [line('load balancer', `${loadBalancers} × load balancer`, 'load-balancers', listed(loadBalancers * PRICES.loadBalancer))] : []),
    ...(gib > 0 ? [line('volume', `${volumes.length} × volume, ${gib} GiB in all`, 'volumes', listed(gib * PRICES.volumeGiB))] : []),
    ...(postgres ? [line('database', `PostgreSQL ${postgres.server.nodes} × ${postgres.server.size}`, 'postgres', fromTable(PRICES.postgres, postgres.server.size, postgres.server.nodes))] : []),
    // The list has Kafka's price for its three nodes together.
    ...(kafka ? [line('kafka', `Kafka ${kafka.server.nodes} × ${kafka.server.size}`, 'kafka', fromTable(PRICES.kafka, kafka.server.size, kafka.server.nodes / 3))] : []),
    ...(registry ? [{ ...line('registry', `registry, ${registry.tier}`, 'registry', priceOfRegistry(registry.tier, asked)), owner: 'platform' as const }] : []),
  ];
}

async function ask(api: DigitalOcean, now: number): Promise<Asked> {
  const asOf = new Date(now).toISOString().slice(0, 10);
  const [sizes, options] = await Promise.all([
    allowed(api.list<ApiSize>('/v2/sizes', 'sizes')),
    allowed(api.get<{ options: { subscription_tiers: NonNullable<Asked['tiers']> } }>('/v2/registries/options')),
  ]);
  return { asOf, ...(sizes ? { sizes } : {}), ...(options ? { tiers: options.options.subscription_tiers } : {}) };
}

/** Prices are for orientation: who has no token or may not look still gets those of the list. */
async function allowed<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code.startsWith('TODOCTL_DIGITALOCEAN_')) return undefined;
    throw error;
  });
}

function priceOfNodes(size: string, count: number, { sizes, asOf }: Asked): Price | undefined {
  const known = sizes?.find(({ slug }) => slug === size);
  return known ? { monthly: known.price_monthly * count, hourly: known.price_hourly * count, source: 'GET /v2/sizes', asOf } : fromTable(PRICES.nodes, size, count);
}

function priceOfRegistry(tier: string, { tiers, asOf }: Asked): Price | undefined {
  const known = tiers?.find(({ slug }) => slug === tier);
  if (known) return priced(known.monthly_price_in_cents / 100, 'GET /v2/registries/options', asOf);
  return tier === 'basic' ? priced(PRICES.registry, CONFIRMED, PRICES.asOf) : undefined;
}

function fromTable(table: Readonly<Record<string, number>>, size: string, count: number): Price | undefined {
  return Object.hasOwn(table, size) ? listed((table[size] ?? 0) * count) : undefined;
}

function listed(monthly: number): Price {
  return priced(monthly, LISTED, PRICES.asOf);
}

function priced(monthly: number, source: string, asOf: string): Price {
  return { monthly, hourly: monthly / HOURS_OF_A_MONTH, source, asOf };
}

function line(kind: ResourceKind, name: string, id: string, price: Price | undefined): Resource {
  return { kind, name, id, owner: 'environment', ...(price ? { price } : {}) };
}
