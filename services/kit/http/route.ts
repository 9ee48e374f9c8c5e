import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import type { Trace } from '../trace.ts';
import type { Reply } from './reply.ts';

/** Who is asking. */
export interface User {
  readonly id: string;
}

/** Anything with zod's safeParse; the kit itself does not load zod. */
export interface Schema<T> {
  safeParse(value: unknown):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string; code?: string | undefined }[] } };
}

export interface Request {
  /** HEAD arrives as GET; its body is dropped on the way out. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The `:name` parts of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly trace: Trace;
  /** Carries trace_id. */
  readonly log: Logger;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** The body as JSON. Problems: 400 malformed, 413 too large, 415 not JSON, 422 (with every wrong field) when it does not fit the schema. */
  json(): Promise<unknown>;
  json<T>(schema: Schema<T>): Promise<T>;
  /** The body as it came. Problem 413. */
  bytes(): Promise<Buffer>;
}

export interface UserRequest extends Request {
  readonly user: User;
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `/api/tasks/:id`; `:name` takes one part. */
  readonly path: string;
  /** The most bytes of a body, 64 KiB unless told. */
  readonly bodyBytes?: number;
}

/** public: anyone. app: only through Dapr, which knows the app token. user: whoever the identity port recognises. */
export type Route =
  | (RouteBase & { readonly access: 'public' | 'app'; handler(request: Request): Promise<Reply> | Reply })
  | (RouteBase & { readonly access: 'user'; handler(request: UserRequest): Promise<Reply> | Reply });

/** A WebSocket's door: called after identification with the raw connection; the handler does the upgrade (ws: handleUpgrade). */
export interface SocketRoute {
  readonly path: string;
  handler(request: SocketRequest): void;
}

export interface SocketRequest {
  readonly user: User;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly trace: Trace;
  readonly log: Logger;
  /** For `ws`'s handleUpgrade. */
  readonly raw: import('node:http').IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The identity port (identity.ts). `query` is given for sockets only: a browser cannot set headers on them. Throws Problem 401 or 503. */
export type Identify = (headers: IncomingHttpHeaders, query?: URLSearchParams) => Promise<User>;
