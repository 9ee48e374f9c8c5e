import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { clusterOf } from '../clusters/routes.ts';
import { found, invalid, Refusal } from '../refusal.ts';
import { type Call, created, noContent, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { MOST_REGISTRIES, REGISTRY_REGIONS, type RegistryRow, registryView, type Subscription, subscriptionView, TIERS, type TierSlug } from './row.ts';

const NEW = '/v2/registries';
const OLD = '/v2/registry';
const tier = z.enum(['starter', 'basic', 'professional']);
/** The pattern of the document, and what the page on limits says besides: begins with a letter. */
const NAME = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const SEVERAL = "This API is not supported if you have created multiple registries. Please use '/v2/registries' instead.";
const CREDENTIALS = ['expiry_seconds', 'read_write'];

export const registryRoutes: readonly Route[] = [
  route('GET', NEW, { scopes: ['registry:read'] }, ({ world }) => ok({ registries: [...world.state.registries.values()].map((one) => registryView(one, world)) })),
  route('POST', NEW, { scopes: ['registry:create'], body: z.strictObject({ name: z.string(), subscription_tier_slug: tier.optional(), region: z.enum(REGISTRY_REGIONS).optional() }) }, ({ world, body }) =>
    created({ registry: registryView(newRegistry(world, body), world) })),
  route('GET', `${NEW}/{registry_name}`, { scopes: ['registry:read'] }, ({ world, params }) => ok({ registry: registryView(registryOf(world, params), world) })),
  route('DELETE', `${NEW}/{registry_name}`, { scopes: ['registry:delete'] }, ({ world, params }) => remove(world, registryOf(world, params))),
  route('GET', `${NEW}/{registry_name}/docker-credentials`, { scopes: ['registry:read', 'registry:update'], query: CREDENTIALS, undocumented: 'its query stands in the prose only' }, (call) => {
    registryOf(call.world, call.params);
    return credentials(call);
  }),
  route('GET', OLD, { scopes: ['registry:read'] }, ({ world }) => ok({ registry: withSubscription(world, single(world)) })),
  route('POST', OLD, { scopes: ['registry:create'], body: z.strictObject({ name: z.string(), subscription_tier_slug: tier, region: z.enum(['nyc3', 'sfo3', 'ams3', 'sgp1', 'fra1']).optional() }) }, ({ world, body }) =>
    created({ registry: withSubscription(world, newRegistry(world, body)) })),
  route('DELETE', OLD, { scopes: ['registry:delete'] }, ({ world }) => remove(world, single(world))),
  route('GET', `${OLD}/docker-credentials`, { scopes: ['registry:read', 'registry:update'], query: CREDENTIALS }, (call) => credentials(call)),
  ...[NEW, OLD].flatMap((family) => [
    route('GET', `${family}/subscription`, { scopes: ['registry:read'] }, ({ world }) => ok({ subscription: subscriptionView(found(world.state.subscription), world) })),
    route('POST', `${family}/subscription`, { scopes: ['registry:update'], body: z.strictObject({ tier_slug: tier }) }, ({ world, body }) => {
      if (family === OLD && world.state.registries.size > 1) throw new Refusal(412, SEVERAL);
      return ok({ subscription: subscriptionView(subscribe(world, body.tier_slug), world) });
    }),
    route('GET', `${family}/options`, { scopes: ['registry:read'] }, () =>
      ok({ options: { available_regions: REGISTRY_REGIONS, subscription_tiers: TIERS.map((one) => ({ ...one, eligible: true, eligibility_reasons: [] })) } })),
    route('POST', `${family}/validate-name`, { scopes: ['registry:create'], body: z.strictObject({ name: z.string() }) }, ({ world, body }) => {
      checkName(world, body.name);
      return noContent;
    }),
  ]),
  ...(['POST', 'DELETE'] as const).flatMap((method) => [
    route(method, '/v2/kubernetes/registries', { scopes: scopesOf(method), body: z.strictObject({ cluster_uuids: z.array(z.uuid()), registries: z.array(z.string()) }) }, ({ world, body }) =>
      integrate(world, method, body.cluster_uuids, body.registries)),
    route(method, '/v2/kubernetes/registry', { scopes: scopesOf(method), body: z.strictObject({ cluster_uuids: z.array(z.uuid()) }) }, ({ world, body }) =>
      integrate(world, method, body.cluster_uuids, [single(world).name])),
  ]),
];

export function registryOf({ state }: World, params: Readonly<Record<string, string>>): RegistryRow {
  return found(state.registries.get(params['registry_name'] ?? ''));
}

/** Makes a registry; the first one of an account subscribes it. */
export function newRegistry(world: World, { name, subscription_tier_slug, region = 'nyc3' }: { name: string; subscription_tier_slug?: TierSlug | undefined; region?: string | undefined }): RegistryRow {
  checkName(world, name);
  const { state, clock } = world;
  const { tier: slug } = subscription_tier_slug === undefined ? (state.subscription ?? subscribe(world, 'starter')) : subscribe(world, subscription_tier_slug);
  if (state.registries.size >= MOST_REGISTRIES[slug]) throw new Refusal(422, `your subscription allows ${MOST_REGISTRIES[slug]} registry`);
  const row: RegistryRow = { name, region, created: clock.now(), repositories: new Map(), collections: [] };
  state.registries.set(name, row);
  return row;
}

function subscribe({ state, clock }: World, slug: TierSlug): Subscription {
  state.subscription = { tier: slug, created: clock.now() };
  return state.subscription;
}

function checkName({ state }: World, name: string): void {
  if (!NAME.test(name)) throw invalid('invalid registry name');
  if (state.registries.has(name) || state.takenNames.has(name)) throw new Refusal(409, 'registry name is already in use');
}

/** The one registry that the older routes are about. */
function single({ state }: World): RegistryRow {
  if (state.registries.size > 1) throw new Refusal(412, SEVERAL);
  return found([...state.registries.values()][0]);
}

function withSubscription(world: World, row: RegistryRow): Record<string, unknown> {
  return { ...registryView(row, world), ...(world.state.subscription === undefined ? {} : { subscription: subscriptionView(world.state.subscription, world) }) };
}

function remove({ state }: World, { name }: RegistryRow): { status: number } {
  state.registries.delete(name);
  for (const cluster of state.clusters.values()) cluster.registries = cluster.registries.filter((one) => one !== name);
  return noContent;
}

function credentials({ query }: Call): { status: number; body?: unknown } {
  const right = query.get('read_write') === 'true' ? 'write' : 'read';
  const secret = `dop_v1_${right}_${randomBytes(24).toString('hex')}`;
  return ok({ auths: { 'registry.digitalocean.com': { auth: Buffer.from(`${secret}:${secret}`).toString('base64') } } });
}

function scopesOf(method: 'POST' | 'DELETE'): string[] {
  return method === 'POST' ? ['kubernetes:create', 'kubernetes:update'] : ['kubernetes:update'];
}

function integrate(world: World, method: 'POST' | 'DELETE', clusters: readonly string[], registries: readonly string[]): { status: number } {
  for (const name of registries) found(world.state.registries.get(name));
  for (const cluster_id of clusters) {
    const cluster = clusterOf(world, { cluster_id });
    const others = cluster.registries.filter((name) => !registries.includes(name));
    cluster.registries = method === 'POST' ? [...others, ...registries] : others;
  }
  return noContent;
}
