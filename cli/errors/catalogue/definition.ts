import type { ErrorEntry } from '../entry.ts';

/** What can be wrong with todoctl.yaml. */
export const definitionErrors = {} as const satisfies Record<string, ErrorEntry>;
