import type { ErrorEntry } from '../entry.ts';

/** What can go wrong with the platform on this machine. */
export const localErrors = {} as const satisfies Record<string, ErrorEntry>;
