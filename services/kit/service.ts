import { readConfig, type Environment, type ServiceConfig } from './config.ts';
import type { Dapr } from './dapr.ts';
import type { Database } from './database.ts';
import { Health } from './health.ts';
import type { HttpServer } from './http/server.ts';
import type { Route, SocketRoute } from './http/route.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Migration } from './migrate.ts';
import type { StopHook } from './shutdown.ts';

/** What a service is built from. */
export interface Parts {
  readonly config: ServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Without a sidecar (no DAPR_HTTP_PORT) every call is a DaprError. */
  readonly dapr: Dapr;
}
export interface DatabaseParts extends Parts {
  /** Migrated, in the schema named after the service. */
  readonly database: Database;
}

/** What a service adds. */
export interface Duties {
  readonly routes: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  /** Run in order at the end, before the database closes. */
  readonly stop?: readonly StopHook[];
}

export interface RunningService {
  readonly server: HttpServer;
  /** What SIGTERM does, without the exit. */
  stop(): Promise<void>;
}

export type StartOptions =
  | { readonly migrations: readonly Migration[]; setup(parts: DatabaseParts): Promise<Duties> | Duties }
  | { readonly migrations?: undefined; setup(parts: Parts): Promise<Duties> | Duties };

export declare function startService(options: StartOptions, env?: Environment): Promise<RunningService>;
void readConfig;
