import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** daprd's default `--max-body-size`. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A request as the routes see it. */
export interface Exchange {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Path parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly incoming: IncomingMessage;
  /** The `metadata.*` query parameters without their prefix. */
  metadata(): Record<string, string>;
  /** The whole body. Throws BodyTooLarge above 4 MiB. */
  body(): Promise<Buffer>;
}

export interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  /** A stream is passed on as it comes. */
  body?: string | Buffer | Readable;
}

class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor() {
    super('stream too large');
  }
}

export const EMPTY: Answer = { status: 204 };

export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

export function queryMetadata(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    if (name.startsWith('metadata.')) found[name.slice('metadata.'.length)] ??= value;
  }
  return found;
}

/** Reads a request's body, at most 4 MiB of it. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
