/** An hour of something that is billed by the month costs the month's price divided by this: DigitalOcean bills 672 hours at most. */
export const HOURS_OF_A_MONTH = 672;

/** The machine of a managed Kafka's nodes that a definition means which names none. */
export const SMALLEST_KAFKA = 'db-s-2vcpu-2gb';

/**
 * What DigitalOcean asks for, in USD a month. `confirmed` says whether a page of DigitalOcean's from this year names the figure;
 * a price is for orientation, and the account's own API knows better.
 */
export const PRICES = {
  asOf: '2026-11-20',
  currency: 'USD',
  /** By size, for one node. From the price list of July 2022. */
  nodes: { 's-1vcpu-2gb': 12, 's-2vcpu-2gb': 18, 's-2vcpu-4gb': 24, 's-4vcpu-8gb': 48, 's-8vcpu-16gb': 96 },
  /** By size, for one node of a managed database. */
  postgres: { 'db-s-1vcpu-1gb': 15, 'db-s-1vcpu-2gb': 30, 'db-s-2vcpu-4gb': 60, 'db-s-4vcpu-8gb': 120, 'db-s-6vcpu-16gb': 240, 'db-s-8vcpu-32gb': 480 },
  /** Three nodes, the least that managed Kafka has. */
  kafka: { 'db-s-2vcpu-2gb': 147, 'db-s-2vcpu-4gb': 294 },
  /** A network load balancer: what the cluster's controller makes. */
  loadBalancer: 15,
  /** A GiB of a volume. */
  volumeGiB: 0.1,
  /** A control plane of several machines; in no API. */
  controlPlane: 40,
  /** The registry that has room for more than one repository. */
  registry: 5,
  confirmed: ['registry'],
} as const;
