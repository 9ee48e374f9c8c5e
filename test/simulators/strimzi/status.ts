import type { Condition, Metadata, Status } from './kinds.ts';

export const READY: Condition = { type: 'Ready', status: 'True' };

/** Strimzi never says Ready=False: what is not ready is NotReady=True (facts of Strimzi 1.2). */
export function notReady(reason: string, message: string): Condition {
  return { type: 'NotReady', status: 'True', reason, message };
}

export function statusOf({ generation }: Metadata, condition: Condition, more: object = {}): Status {
  return { ...(generation === undefined ? {} : { observedGeneration: generation }), conditions: [condition], ...more };
}
