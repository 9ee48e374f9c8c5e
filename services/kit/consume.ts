import type { CloudEvent } from './cloud-event.ts';
import type { Dapr } from './dapr.ts';
import type { Route, Schema } from './http/route.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Trace } from './trace.ts';

/** Where a delivery came from; undefined where the sidecar did not say. */
export interface Origin {
  readonly topic: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
}

export interface Delivery {
  readonly trace: Trace;
  /** Carries trace_id, event_id and event_type. */
  readonly log: Logger;
  readonly origin: Origin;
}

/** Thrown by a handler: this event can never be handled; it goes to the dead letters at once. */
export class Poison extends Error {
  override readonly name = 'Poison';
}

/** Thrown by a handler: something else is away; tried again for as long as it takes, without counting. */
export class Away extends Error {
  override readonly name = 'Away';
}

export interface ConsumeOptions<T> {
  readonly topic: string;
  /** The service's name. */
  readonly consumer: string;
  /** Of the `data`; what does not fit is poison. */
  readonly schema?: Schema<T>;
  /** Event types to handle; others are acknowledged unread. All when absent. */
  readonly types?: readonly string[];
  handle(event: CloudEvent<T>, delivery: Delivery): Promise<void>;
  /** Tries before an event is given up, 5 unless told. */
  readonly attempts?: number;
  readonly dapr: Pick<Dapr, 'publishBulk'>;
  readonly metrics: Metrics;
}

export declare function consume<T>(options: ConsumeOptions<T>): Route;
