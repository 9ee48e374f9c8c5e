import type { Price, Resource, ResourceKind } from '../resource.ts';
import type { ApiPool, ApiSize } from './api.ts';
import type { Found, FoundDatabase } from './found.ts';
import type { MarkedName } from './names.ts';
import { HOURS_OF_A_MONTH, PRICES } from './prices.ts';

const SNAPSHOT_GIB = 0.06;

/** What was found of an environment, as cost, meter, leftovers and the receipt count it. `now` is for prices that were asked for. */
export function resourcesOf(found: Found, now: number): Resource[] {
  const { cluster, vpc, databases, loadBalancers, volumes, snapshots, sizes } = found;
  return [
    ...(cluster ? [resource('cluster', cluster, cluster.ha ? listed(PRICES.controlPlane) : undefined)] : []),
    ...(cluster?.node_pools ?? []).map((pool) => resource('node pool', { ...pool, name: `${pool.name}, ${pool.count} × ${pool.size}`, ...(cluster ? { created_at: cluster.created_at } : {}) }, priceOfPool(pool, sizes, now))),
    ...loadBalancers.map((one) => resource('load balancer', one, listed(PRICES.loadBalancer * (one.size_unit ?? 1)))),
    ...volumes.map((one) => resource('volume', one, listed(one.size_gigabytes * PRICES.volumeGiB))),
    ...snapshots.map((one) => resource('snapshot', one, listed(one.size_gigabytes * SNAPSHOT_GIB))),
    ...databases.map((one) => resource(one.engine === 'kafka' ? 'kafka' : 'database', one, priceOfDatabase(one))),
    ...(vpc ? [{ ...resource('vpc', vpc), ...(vpc.default ? { owner: 'other' as const, heldBy: 'DigitalOcean, as the network of its region that always stays; it costs nothing' } : {}) }] : []),
  ];
}

/** A host name that was made to lead here; free of charge. */
export function nameResource({ zone, host, mark }: MarkedName): Resource {
  return { kind: 'dns record', name: host, id: `${zone}/${mark.id}`, owner: 'environment' };
}

function resource(kind: ResourceKind, { id, name, created_at }: { id: string; name: string; created_at?: string }, price?: Price): Resource {
  const since = Date.parse(created_at ?? '');
  return { kind, name, id, owner: 'environment', ...(price ? { price } : {}), ...(Number.isNaN(since) ? {} : { since }) };
}

/** Nodes cost what Droplets of their size cost, which the API says. */
function priceOfPool({ size, count }: ApiPool, sizes: readonly ApiSize[], now: number): Price | undefined {
  const known = sizes.find(({ slug }) => slug === size);
  if (!known) return undefined;
  return { monthly: known.price_monthly * count, hourly: known.price_hourly * count, source: 'GET /v2/sizes', asOf: new Date(now).toISOString().slice(0, 10) };
}

function priceOfDatabase({ engine, size, num_nodes: nodes }: FoundDatabase): Price | undefined {
  const table: Readonly<Record<string, number>> = engine === 'kafka' ? PRICES.kafka : PRICES.postgres;
  const monthly = Object.hasOwn(table, size) ? table[size] : undefined;
  // Kafka's price is that of its three nodes together.
  return monthly === undefined ? undefined : listed(engine === 'kafka' ? (monthly * nodes) / 3 : monthly * nodes);
}

function listed(monthly: number): Price {
  return { monthly, hourly: monthly / HOURS_OF_A_MONTH, source: "DigitalOcean's price list, not confirmed by an account", asOf: PRICES.asOf };
}
