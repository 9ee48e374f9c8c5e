import type { Log } from '../../io/json-log.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import type { Coordinator } from '../groups/coordinator.ts';
import type { Offsets } from '../offsets.ts';
import type { BrokerAddress } from '../protocol/cluster.ts';
import type { Topics } from '../topics.ts';

/** All that requests are answered from. */
export interface BrokerContext {
  readonly clusterId: string;
  /** As clients are told to reach it. */
  readonly address: BrokerAddress;
  readonly topics: Topics;
  readonly offsets: Offsets;
  readonly coordinator: Coordinator;
  /** A producer id that was never given before, also not before a restart. */
  nextProducerId(): number;
  readonly log: Log;
}

/** Who asks, and in which version of the request. */
export interface ClientContext {
  readonly version: number;
  readonly id: string;
  readonly host: string;
  /** Fires when the connection is gone and nobody reads the answer. */
  readonly gone: AbortSignal;
}

/** Answers one kind of request; undefined where the protocol wants no answer. */
export type Handler<Request, Response> = (
  request: Request,
  broker: BrokerContext,
  client: ClientContext,
) => Response | undefined | Promise<Response | undefined>;

/** What the disk refused, as the protocol says it: the client tries again, the broker stays up. Anything but the disk's refusal is thrown on. */
export function storageError(error: unknown, log: Log, what: string): { error: number; message: string } {
  if (!(error instanceof Error) || !('syscall' in error)) throw error;
  log.error(`${what} failed`, { error: error.message });
  return { error: ErrorCode.KAFKA_STORAGE_ERROR, message: error.message };
}
