import type { ErrorEntry } from '../entry.ts';

/** What can go wrong between todoctl and a Kafka broker. */
export const kafkaErrors = {} as const satisfies Record<string, ErrorEntry>;
