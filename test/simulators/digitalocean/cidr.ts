import type { World } from './world.ts';

/** First and last address of an IPv4 range; undefined when it is none. */
export function rangeOf(cidr: string): readonly [number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  const bits = parts.pop() ?? 0;
  if (bits > 32 || parts.some((part) => part > 255)) return undefined;
  const size = 2 ** (32 - bits);
  const first = Math.floor(parts.reduce((sum, part) => sum * 256 + part, 0) / size) * size;
  return [first, first + size - 1];
}

/** A range of the account that this one overlaps with. */
export function overlapping(cidr: string | undefined, { state }: World): string | undefined {
  const range = cidr === undefined ? undefined : rangeOf(cidr);
  if (range === undefined) return undefined;
  const taken = [...[...state.vpcs.values()].map(({ ip_range }) => ip_range), ...[...state.clusters.values()].filter(({ native }) => native).flatMap(({ cluster_subnet, service_subnet }) => [cluster_subnet, service_subnet])];
  return taken.find((other) => {
    const there = rangeOf(other);
    return there !== undefined && range[0] <= there[1] && there[0] <= range[1];
  });
}
