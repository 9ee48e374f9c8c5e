import { nearest } from '../../../errors/nearest.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { ApiOptions, ApiSize } from '../api.ts';

const MOST_NAMED = 12;

/**
 * The slug of a version: `latest`, `1.36` (its newest patch) or a slug of DigitalOcean's. Errors: TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN.
 */
export function versionOf(wanted: string, { versions }: Pick<ApiOptions, 'versions'>): string {
  const newestFirst = [...versions].sort((a, b) => -compareVersions(a.slug, b.slug));
  const found = newestFirst.find(({ slug, kubernetes_version }) => wanted === 'latest' || slug === wanted || kubernetes_version === wanted || kubernetes_version.startsWith(`${wanted}.`));
  if (found) return found.slug;
  throw unknown('TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN', `DigitalOcean offers no Kubernetes ${wanted}`, wanted, newestFirst.map(({ slug }) => slug));
}

/** Errors: TODOCTL_DIGITALOCEAN_REGION_UNKNOWN. */
export function checkRegion(region: string, { regions }: Pick<ApiOptions, 'regions'>): void {
  const slugs = regions.map(({ slug }) => slug);
  if (!slugs.includes(region)) throw unknown('TODOCTL_DIGITALOCEAN_REGION_UNKNOWN', `DigitalOcean has no clusters in ${region}`, region, slugs);
}

/** Errors: TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN. */
export function checkSize(size: string, region: string, { sizes }: Pick<ApiOptions, 'sizes'>, all: readonly ApiSize[]): void {
  const here = all.filter(({ regions, available }) => available && regions.includes(region)).sort((a, b) => a.price_monthly - b.price_monthly);
  const slugs = here.map(({ slug }) => slug).filter((slug) => sizes.some((one) => one.slug === slug));
  if (slugs.includes(size)) return;
  const elsewhere = sizes.some(({ slug }) => slug === size);
  throw unknown('TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN', elsewhere ? `Nodes of size ${size} cannot be had in ${region} now` : `DigitalOcean has no nodes of size ${size}`, size, slugs);
}

/** Below 0 where `a` is older than `b`; of `1.36.0-do.2` each number counts. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  for (const index of [0, 1, 2, 3]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function unknown(code: 'TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN' | 'TODOCTL_DIGITALOCEAN_REGION_UNKNOWN' | 'TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN', message: string, wanted: string, there: readonly string[]): TodoctlError {
  const close = nearest(wanted, there);
  const more = there.length > MOST_NAMED ? `, and ${there.length - MOST_NAMED} more` : '';
  return new TodoctlError(code, {
    message,
    details: [`there is ${there.slice(0, MOST_NAMED).join(', ') || 'none'}${more}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}
