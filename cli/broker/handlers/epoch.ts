import { ErrorCode } from '../../kafka/error-codes.ts';

/** The one epoch of every partition: the leader never changes. */
export const LEADER_EPOCH = 0;

/** What to say to a client that believes in `epoch`; -1 is one that does not care. */
export function epochError(epoch: number): number {
  return epoch > LEADER_EPOCH ? ErrorCode.UNKNOWN_LEADER_EPOCH : ErrorCode.NONE;
}
