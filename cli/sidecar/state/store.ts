/** What a state store answers and is asked; keys are already prefixed. */
export interface StateItem {
  key: string;
  value: Buffer;
  etag: string;
  /** RFC 3339, when the item has a time to live. */
  expires: string | undefined;
}

export interface SetRequest {
  kind: 'set';
  key: string;
  value: string;
  etag: string | undefined;
  /** Insert, or fail when there is one. */
  firstWrite: boolean;
  ttlSeconds: number | undefined;
}

export interface DeleteRequest {
  kind: 'delete';
  key: string;
  etag: string | undefined;
}

export interface StateStore {
  get(keys: readonly string[]): Promise<StateItem[]>;
  /** Throws EtagMismatch. */
  apply(request: SetRequest | DeleteRequest): Promise<void>;
  /** All or nothing. */
  transact(requests: readonly (SetRequest | DeleteRequest)[]): Promise<void>;
  close(): Promise<void>;
}

/** The item is not the one that the caller saw, or there is none (components-contrib state/errors.go). */
export class EtagMismatch extends Error {
  override readonly name = 'EtagMismatch';
  constructor(reason?: string) {
    super(`possible etag mismatch. error from state store${reason ? `: ${reason}` : ''}`);
  }
}
