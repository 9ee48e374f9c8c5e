import { FEATURES, hourly, NODE_SIZES, REGIONS, SIZES, VERSIONS } from './catalog.ts';
import { invalid } from './refusal.ts';
import { ok, page, PAGE, type Route, route } from './route.ts';

const OPEN = REGIONS.filter(({ available }) => available).map(({ slug }) => slug as string);

/** What there is to choose from: regions, sizes, and what of it clusters take. */
export const regionRoutes: readonly Route[] = [
  route('GET', '/v2/regions', { scopes: ['regions:read'], query: PAGE }, (call) => page(call, 'regions', REGIONS.map((region) => regionView(region.slug)))),
  route('GET', '/v2/sizes', { scopes: ['sizes:read', 'regions:read'], query: PAGE }, (call) =>
    page(call, 'sizes', SIZES.map(({ monthly, ...size }) => ({
      ...size, transfer: size.vcpus, price_monthly: monthly, price_hourly: hourly(monthly), regions: OPEN, available: true, description: 'Basic',
    }))),
  ),
  route('GET', '/v2/kubernetes/options', { scopes: ['kubernetes:read'] }, () =>
    ok({
      options: {
        regions: REGIONS.filter(({ available }) => available).map(({ slug, name }) => ({ slug, name })),
        versions: VERSIONS.map((version) => ({ ...version, supported_features: FEATURES })),
        sizes: NODE_SIZES.map(({ slug }) => ({ slug, name: slug })),
      },
    }),
  ),
];

/** A region as other things carry it. */
export function regionView(slug: string): Record<string, unknown> {
  const region = REGIONS.find((one) => one.slug === slug);
  return { name: region?.name ?? slug, slug, features: ['backups', 'ipv6', 'metadata', 'install_agent', 'storage'], available: region?.available ?? false, sizes: SIZES.map((size) => size.slug) };
}

export function knownRegion(slug: string): void {
  if (!OPEN.includes(slug)) throw invalid('validation error: invalid region slug');
}
