import type { ApiKey } from '../api-keys.ts';
import type { Reader, Writer } from '../wire.ts';

/** One request of the protocol with its answer, for the versions that the platform's clients speak. */
export interface Api<Request, Response> {
  readonly name: string;
  readonly key: ApiKey;
  readonly min: number;
  readonly max: number;
  /** First version with compact lengths and tagged fields; what lies behind it has the longer headers too. */
  readonly flexible: number;
  encode(writer: Writer, request: Request, version: number): void;
  decode(reader: Reader, version: number): Response;
}

/** No version that we speak is flexible. */
export const NEVER = 999;
