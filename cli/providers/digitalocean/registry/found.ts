import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Resource } from '../../resource.ts';
import type { ApiCluster } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { type Owner, ownerOf } from '../marks.ts';
import { HOURS_OF_A_MONTH } from '../prices.ts';
import { PATH, registryMark, type RegistryRow } from './registry.ts';

interface Subscription {
  subscription?: { tier?: { monthly_price_in_cents: number } };
}

/**
 * Registries that were made for a platform, known by their marks, whatever todoctl.yaml says. The account's plan is their price where it
 * has no others. None for a token that may not see registries.
 */
export async function registriesOf(api: DigitalOcean, platform: string, now: number): Promise<Resource[]> {
  const seen = await Promise.all([
    api.get<{ registries?: RegistryRow[] | null }>(PATH), api.list<{ name: string }>('/v2/tags', 'tags'), api.find<Subscription>(`${PATH}/subscription`),
  ]).catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING') return undefined;
    throw error;
  });
  if (!seen) return [];
  const [{ registries }, tags, plan] = seen;
  const marks = new Set(tags.map(({ name }) => name));
  const rows = registries ?? [];
  const ours = rows.filter(({ name }) => marks.has(registryMark(platform, name)));
  const cents = plan?.subscription?.tier?.monthly_price_in_cents;
  const monthly = ours.length === rows.length && cents !== undefined ? cents / 100 : undefined;
  return ours.map(({ name, created_at }, index): Resource => ({
    kind: 'registry', name, id: name, owner: 'platform',
    // One plan, however many registries it is for.
    ...(monthly !== undefined && index === 0 ? { price: { monthly, hourly: monthly / HOURS_OF_A_MONTH, source: 'GET /v2/registries/subscription', asOf: new Date(now).toISOString().slice(0, 10) } } : {}),
    ...(Number.isNaN(Date.parse(created_at)) ? {} : { since: Date.parse(created_at) }),
  }));
}

/** The registry is shared: it goes with the last environment only. Errors: TODOCTL_REGISTRY_IN_USE. */
export function refuseWhileShared(clusters: readonly ApiCluster[], { platform, environment }: Owner): void {
  const others = new Set(clusters.flatMap(({ tags }) => tags ?? []).flatMap((tag) => ownerOf(tag) ?? []).filter((owner) => owner.platform === platform && owner.environment !== environment).map((owner) => owner.environment));
  if (others.size === 0) return;
  throw new TodoctlError('TODOCTL_REGISTRY_IN_USE', { message: `Images for ${[...others].sort().join(', ')} come from the registry too, so it cannot go with ${environment}` });
}
