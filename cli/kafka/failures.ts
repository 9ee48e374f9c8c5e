import type { Address } from './access.ts';
import { errorName, retriable } from './error-codes.ts';

/** The connection is gone or never came: ask again on a new one. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** A broker answered, and the answer is an error code of the protocol. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly code: number;
  readonly retriable: boolean;

  constructor(code: number, what: string, message?: string | null) {
    super(`${what}: ${errorName(code)}${message ? ` (${message})` : ''}`);
    this.code = code;
    this.retriable = retriable(code);
  }
}

/** Throws KafkaError unless `code` is NONE. */
export function check(code: number, what: string, message?: string | null): void {
  if (code !== 0) throw new KafkaError(code, what, message);
}

/** True when the same thing may work a moment later. */
export function mayPass(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof KafkaError && error.retriable);
}

/** `host:port`, with brackets around an IPv6 host. */
export function addressText(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
