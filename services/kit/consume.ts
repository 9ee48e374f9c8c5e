import { cloudEventSchema, type CloudEvent } from '../contracts/cloud-event.ts';
import { deliveryPath } from '../contracts/names.ts';
import type { Attempts } from './attempts.ts';
import type { Dapr } from './dapr.ts';
import { DaprError } from './dapr-error.ts';
import { isDatabaseAway } from './database-errors.ts';
import { publishDeadLetter, type DeadLetterReason, type Origin } from './dead-letter.ts';
import { readDelivery, type RawDelivery } from './delivery.ts';
import { fieldErrors } from './http/problem.ts';
import { ok } from './http/reply.ts';
import type { Request, Route, Schema } from './http/route.ts';
import type { Logger } from './log.ts';
import type { Counter, Histogram, Metrics } from './metrics.ts';
import { continueTrace, type Trace } from './trace.ts';

export interface Delivery {
  /** Continues the delivery's span, else the event's own trace. */
  readonly trace: Trace;
  /** Carries trace_id, event_id and event_type. */
  readonly log: Logger;
  readonly origin: Origin;
}

/** Thrown by a handler: this event can never be handled; it goes to the dead letters at once. */
export class Poison extends Error {
  override readonly name = 'Poison';
}

/** Thrown by a handler: something it needs is away; tried again for as long as that takes, without counting. */
export class Away extends Error {
  override readonly name = 'Away';
}

export interface ConsumeOptions<T> {
  readonly topic: string;
  /** The service's name. */
  readonly consumer: string;
  /** Of `data`, by event type; what does not fit is dead at once. A type that is not here goes by `'*'`, or is acknowledged unread. */
  readonly types: Readonly<Record<string, Schema<T>>>;
  /** Must do its work once however often it is called: see Inbox. Database and sidecar being away counts as Away by itself. */
  handle(event: CloudEvent<string, T>, delivery: Delivery): Promise<void>;
  readonly attempts: Attempts;
  /** Failed tries before an event is given up; 5 unless told. */
  readonly maxAttempts?: number;
  readonly dapr: Pick<Dapr, 'publishBulk'>;
  readonly measures: ConsumeMetrics;
}

export interface ConsumeMetrics {
  readonly handled: Counter;
  readonly duration: Histogram;
  readonly deadLetters: Counter;
}

/** Made once per process, for all its `consume` routes. */
export function consumeMetrics(metrics: Metrics): ConsumeMetrics {
  return {
    handled: metrics.counter('events_handled_total', 'Deliveries, by topic, type and outcome.'),
    duration: metrics.histogram('event_handler_duration_seconds', 'Time to handle a delivery, by topic and type.'),
    deadLetters: metrics.counter('dead_letters_total', 'Events given up, by topic and reason.'),
  };
}

type Outcome = 'handled' | 'ignored' | 'retry' | 'away' | 'dead';
const BODY_BYTES = 8 * 1024 * 1024;

/**
 * The route on which Dapr delivers a topic, one event or a bulk. Answers in Dapr's terms: SUCCESS acknowledges, RETRY asks for it
 * again. An event is acknowledged only when it is handled or lies on the dead-letter topic with its reason.
 */
export function consume<T>(options: ConsumeOptions<T>): Route {
  const path = deliveryPath(options.topic);
  return { method: 'POST', path, access: 'app', bodyBytes: BODY_BYTES, handler: (request) => receive(options, request) };
}

async function receive<T>(options: ConsumeOptions<T>, request: Request) {
  const { bulk, deliveries } = readDelivery(options.topic, request.headers, await request.bytes());
  const statuses: { entryId: string; status: 'SUCCESS' | 'RETRY' }[] = [];
  const waiting = new Set<string>();
  for (const delivery of deliveries) {
    // After one that must come again, no later event of its key may go first.
    const key = delivery.origin.key ?? keyOf(delivery.body);
    const held = key !== undefined && waiting.has(key);
    const outcome = held ? 'retry' : await deliver(options, request, delivery);
    const again = outcome === 'retry' || outcome === 'away';
    if (again && key !== undefined) waiting.add(key);
    statuses.push({ entryId: delivery.entryId ?? '', status: again ? 'RETRY' : 'SUCCESS' });
  }
  return ok(bulk ? { statuses } : { status: statuses[0]?.status });
}

async function deliver<T>(options: ConsumeOptions<T>, request: Request, delivery: RawDelivery): Promise<Outcome> {
  const { topic, types, measures } = options;
  const began = performance.now();
  const read = cloudEventSchema.safeParse(delivery.body);
  const type = read.success && Object.hasOwn(types, read.data.type) ? read.data.type : read.success ? 'other' : 'invalid';
  const trace = continueTrace(delivery.traceparent, read.data?.traceparent);
  const log = request.log.child({ trace_id: trace.traceId, event_id: read.data?.id, event_type: type });
  const one: One = { delivery, trace, log };
  let outcome: Outcome;
  if (!read.success) outcome = await giveUp(options, one, 'invalid', `no CloudEvent: ${describe(read.error.issues)}`, 1);
  else outcome = await handle(options, one, read.data as CloudEvent);
  measures.handled.inc({ topic, type, outcome });
  measures.duration.observe({ topic, type }, (performance.now() - began) / 1000);
  return outcome;
}

interface One {
  readonly delivery: RawDelivery;
  readonly trace: Trace;
  readonly log: Logger;
}

async function handle<T>(options: ConsumeOptions<T>, one: One, event: CloudEvent): Promise<Outcome> {
  const schema = Object.hasOwn(options.types, event.type) ? options.types[event.type] : options.types['*'];
  if (!schema) return 'ignored';
  const data = schema.safeParse(event.data);
  if (!data.success) return giveUp(options, one, 'invalid', `its data: ${describe(data.error.issues)}`, 1);
  const { trace, log, delivery } = one;
  try {
    await options.handle({ ...event, data: data.data }, { trace, log, origin: delivery.origin });
    await options.attempts.settled(event.id);
    return 'handled';
  } catch (error) {
    return failed(options, one, event, error);
  }
}

async function failed<T>(options: ConsumeOptions<T>, one: One, event: CloudEvent, error: unknown): Promise<Outcome> {
  const { log } = one;
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof Poison) return giveUp(options, one, 'poison', detail, 1);
  if (isAway(error)) {
    log.warn({ err: error }, 'what the handler needs is away; the event will come again');
    return 'away';
  }
  try {
    const attempts = await options.attempts.failed(event.id);
    log.error({ err: error, attempts }, 'a handler failed');
    if (attempts < (options.maxAttempts ?? 5)) return 'retry';
    const outcome = await giveUp(options, one, 'exhausted', detail, attempts);
    if (outcome === 'dead') await options.attempts.settled(event.id);
    return outcome;
  } catch (uncounted) {
    log.warn({ err: uncounted }, 'a failed try could not be counted; the event will come again');
    return 'retry';
  }
}

async function giveUp<T>(options: ConsumeOptions<T>, one: One, reason: DeadLetterReason, detail: string, attempts: number): Promise<Outcome> {
  const { consumer, dapr, measures, topic } = options;
  const { delivery, trace, log } = one;
  try {
    await publishDeadLetter(dapr, { reason, detail, attempts, consumer, origin: delivery.origin, trace, original: delivery.body });
  } catch (error) {
    log.warn({ err: error, reason }, 'a dead letter could not be published; the event will come again');
    return 'away';
  }
  measures.deadLetters.inc({ topic, reason });
  // Why an event is poison may quote what a person wrote; the dead letter has it, a log must not.
  log.error({ reason, ...(reason === 'poison' ? {} : { detail }), attempts, origin: delivery.origin }, 'an event was given up');
  return 'dead';
}

function isAway(error: unknown): boolean {
  return error instanceof Away || (error instanceof DaprError && error.away) || isDatabaseAway(error);
}

function keyOf(body: unknown): string | undefined {
  const key = typeof body === 'object' && body !== null ? (body as { partitionkey?: unknown }).partitionkey : undefined;
  return typeof key === 'string' ? key : undefined;
}

// Pointers and the schema's words, never the values.
function describe(issues: Parameters<typeof fieldErrors>[0]): string {
  return fieldErrors(issues).map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
}
