import type { Dapr } from './dapr.ts';
import type { Database } from './database.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface RelayOptions {
  readonly database: Database;
  readonly dapr: Pick<Dapr, 'publishBulk'>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The CloudEvents' source, `todo/<service>`. */
  readonly source: string;
  /** Unique among the processes that relay this outbox: the replica's name plus something of this run. */
  readonly owner: string;
}

export interface Relay {
  /** Finishes the calls under way and hands the lease over. */
  stop(): Promise<void>;
}
