/** What the simulated account can buy. Figures of 2026-11-20; real ones drift, which is why todoctl asks. */
export interface Size {
  slug: string;
  /** MiB. */
  memory: number;
  vcpus: number;
  disk: number;
  monthly: number;
}

export const SIZES: readonly Size[] = [
  { slug: 's-1vcpu-1gb', memory: 1024, vcpus: 1, disk: 25, monthly: 6 },
  { slug: 's-1vcpu-2gb', memory: 2048, vcpus: 1, disk: 50, monthly: 12 },
  { slug: 's-2vcpu-2gb', memory: 2048, vcpus: 2, disk: 60, monthly: 18 },
  { slug: 's-2vcpu-4gb', memory: 4096, vcpus: 2, disk: 80, monthly: 24 },
  { slug: 's-4vcpu-8gb', memory: 8192, vcpus: 4, disk: 160, monthly: 48 },
  { slug: 's-8vcpu-16gb', memory: 16_384, vcpus: 8, disk: 320, monthly: 96 },
  // More rows than one page of 20 holds.
  ...['c', 'g', 'gd', 'm', 'so'].flatMap((family) => [2, 4, 8, 16].map((vcpus) => ({ slug: `${family}-${vcpus}`, memory: vcpus * 4096, vcpus, disk: vcpus * 25, monthly: vcpus * 21 }))),
];

/** Sizes that nodes of a cluster may have; the smallest Droplet is none. */
export const NODE_SIZES = SIZES.filter(({ memory }) => memory >= 2048);

export const REGIONS = [
  { slug: 'nyc1', name: 'New York 1', available: true },
  { slug: 'nyc2', name: 'New York 2', available: false },
  { slug: 'nyc3', name: 'New York 3', available: true },
  { slug: 'sfo3', name: 'San Francisco 3', available: true },
  { slug: 'ams3', name: 'Amsterdam 3', available: true },
  { slug: 'fra1', name: 'Frankfurt 1', available: true },
  { slug: 'lon1', name: 'London 1', available: true },
  { slug: 'sgp1', name: 'Singapore 1', available: true },
] as const;

/** Newest first, as the API has them. */
export const VERSIONS = [
  { slug: '1.36.1-do.0', kubernetes_version: '1.36.1' },
  { slug: '1.35.4-do.1', kubernetes_version: '1.35.4' },
  { slug: '1.34.7-do.3', kubernetes_version: '1.34.7' },
  { slug: '1.34.6-do.0', kubernetes_version: '1.34.6' },
] as const;

export const FEATURES = ['cluster-autoscaler', 'docr-integration', 'ha-control-plane', 'token-authentication'] as const;

/** A price by the hour, as the API writes it: DigitalOcean bills 672 hours of a month at most. */
export function hourly(monthly: number): number {
  return Math.round((monthly / 672) * 1e5) / 1e5;
}
