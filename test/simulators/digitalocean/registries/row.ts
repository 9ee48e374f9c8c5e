import type { World } from '../world.ts';

export interface ManifestRow {
  digest: string;
  tags: string[];
  size: number;
  updated: number;
}

export interface GarbageCollectionRow {
  uuid: string;
  status: string;
  blobs_deleted: number;
  freed_bytes: number;
  created: number;
  updated: number;
}

export interface RegistryRow {
  name: string;
  region: string;
  created: number;
  /** By the repository's name. */
  repositories: Map<string, ManifestRow[]>;
  collections: GarbageCollectionRow[];
}

export type TierSlug = 'starter' | 'basic' | 'professional';

export interface Subscription {
  tier: TierSlug;
  created: number;
}

const GIB = 2 ** 30;

/** What registries cost, and how many an account may have. */
export const TIERS = [
  { name: 'Starter', slug: 'starter', included_repositories: 1, included_storage_bytes: GIB / 2, allow_storage_overage: false, included_bandwidth_bytes: GIB / 2, monthly_price_in_cents: 0, storage_overage_price_in_cents: 0 },
  { name: 'Basic', slug: 'basic', included_repositories: 5, included_storage_bytes: 5 * GIB, allow_storage_overage: true, included_bandwidth_bytes: 5 * GIB, monthly_price_in_cents: 500, storage_overage_price_in_cents: 2 },
  { name: 'Professional', slug: 'professional', included_repositories: 0, included_storage_bytes: 100 * GIB, allow_storage_overage: true, included_bandwidth_bytes: 100 * GIB, monthly_price_in_cents: 2000, storage_overage_price_in_cents: 2 },
] as const;
export const MOST_REGISTRIES: Record<TierSlug, number> = { starter: 1, basic: 1, professional: 10 };

export const REGISTRY_REGIONS = ['nyc3', 'sfo3', 'sfo2', 'ams3', 'sgp1', 'fra1', 'blr1', 'syd1'] as const;

export function sizeOf({ repositories }: RegistryRow): number {
  return [...repositories.values()].flat().reduce((sum, { size }) => sum + size, 0);
}

export function registryView(row: RegistryRow, { clock }: World): Record<string, unknown> {
  return { name: row.name, region: row.region, created_at: clock.iso(row.created), storage_usage_bytes: sizeOf(row), storage_usage_bytes_updated_at: clock.iso() };
}

export function subscriptionView({ tier, created }: Subscription, { clock }: World): Record<string, unknown> {
  return { tier: TIERS.find(({ slug }) => slug === tier), created_at: clock.iso(created), updated_at: clock.iso(created) };
}

export function collectionView({ created, updated, ...row }: GarbageCollectionRow, registry: string, { clock }: World): Record<string, unknown> {
  return { ...row, registry_name: registry, created_at: clock.iso(created), updated_at: clock.iso(updated) };
}
