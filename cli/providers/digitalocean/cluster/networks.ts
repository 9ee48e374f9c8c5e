import { createHash } from 'node:crypto';
import type { Owner } from '../marks.ts';

/** Addresses of an environment: of its nodes, its pods and its services. Terraform's module lays them out in the same way. */
export interface Ranges {
  vpc: string;
  pods: string;
  services: string;
}

/** Addresses of the account that are taken, and by whom. */
export interface Taken {
  range: string;
  by: string;
}

/** DigitalOcean keeps some of 10.0 to 10.99 for itself. */
const FIRST = 100;
const COUNT = 100;

/** The ranges of 10.N.0.0/16. */
export function rangesOf(network: number): Ranges {
  return { vpc: `10.${network}.0.0/20`, services: `10.${network}.32.0/19`, pods: `10.${network}.128.0/17` };
}

/** The same N for the same names, so that a run that was killed goes on with what it began; the next free one where others have it. */
export function freeNetwork({ platform, environment }: Owner, taken: readonly Taken[]): number | undefined {
  const begin = createHash('sha256').update(`${platform}/${environment}`).digest().readUInt16BE() % COUNT;
  const candidates = Array.from({ length: COUNT }, (_, index) => FIRST + ((begin + index) % COUNT));
  return candidates.find((network) => overlapOf(`10.${network}.0.0/16`, taken) === undefined);
}

/** Who has addresses of this range. */
export function overlapOf(range: string, taken: readonly Taken[]): Taken | undefined {
  const [first, last] = boundsOf(range);
  return taken.find((other) => {
    const [from, to] = boundsOf(other.range);
    return first <= to && from <= last;
  });
}

/** The N of `10.N.0.0/20`. */
export function networkIn(range: string): number | undefined {
  const network = /^10\.(\d{1,3})\.0\.0\/20$/.exec(range)?.[1];
  return network === undefined ? undefined : Number(network);
}

/** First and last address of a range as numbers. */
export function boundsOf(range: string): [first: number, last: number] {
  const [address = '', bits = '32'] = range.split('/');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}
