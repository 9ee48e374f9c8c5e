import { randomUUID } from 'node:crypto';
import type { EventData, TaskEvent } from '../contracts/events.ts';
import { append, readStream, VersionConflict, type StoredEvent } from '../kit/event-store.ts';
import type { Database, Queryable, Transaction } from '../kit/database.ts';
import { conflict } from '../kit/http/problem.ts';
import type { Outbox, OutboxEvent } from '../kit/outbox.ts';
import { formatTraceparent, type Trace } from '../kit/trace.ts';
import { project } from './projection.ts';
import { evolve, fold, type TaskState } from './task.ts';

const TRIES = 5;

/** The state that a task's stream tells; undefined for a task that never was. */
export async function loadTask(on: Queryable, id: string): Promise<TaskState | undefined> {
  return fold((await readStream(on, id)).map(asTaskEvent));
}

/** A decision to be written: on which state it was made, and what it came to. */
export interface Writing {
  readonly before: TaskState | undefined;
  readonly events: readonly TaskEvent[];
}

/**
 * Writes decisions in the caller's transaction: the events to their streams, what is published to the outbox, the states to
 * the projection. Returns the states after them, in order. Throws VersionConflict when somebody else was quicker.
 */
export async function writeTasks(tx: Transaction, outbox: Outbox, trace: Trace, writings: readonly Writing[]): Promise<TaskState[]> {
  const traceparent = formatTraceparent(trace);
  const states: TaskState[] = [];
  const outgoing: OutboxEvent[] = [];
  for (const { before, events } of writings) {
    const [first] = events;
    if (!first) continue;
    const stream = first.data.task_id;
    const fresh = events.map((event) => ({ ...event, id: randomUUID() }));
    const stored = await append(tx, { stream, scope: first.data.user_id, expectedVersion: before?.task.version ?? 0, events: fresh, traceparent });
    outgoing.push(...stored.flatMap(published));
    const after = events.reduce(evolve, before);
    if (after) states.push(after);
  }
  await outbox.enqueue(tx, outgoing);
  await project(tx, states);
  return states;
}

/** Runs a transaction again, from reading on, when another writer was quicker. Problem 409 when that never ends. */
export async function deciding<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      if (tries === TRIES) throw conflict('Too many are changing this task at once.');
    }
  }
}

/** What a stored event is to whom follows a user's changes: the same on the topic and in the feed. Undefined for what changes no task that is seen. */
export function changeOf(event: StoredEvent): EventData['task.changed.v1'] | undefined {
  const { type, data } = asTaskEvent(event);
  if (type === 'task.recurring.triggered.v1') return undefined;
  return { user_id: data.user_id, task_id: data.task_id, action: data.event_type, timestamp: data.timestamp, position: event.position, task_data: data.task_data };
}

export function asTaskEvent({ type, data }: StoredEvent): TaskEvent {
  return { type, data } as TaskEvent;
}

function published(event: StoredEvent): OutboxEvent[] {
  const { id, type, stream: subject, scope, data, traceparent } = event;
  const entry: OutboxEvent = { id, topic: 'task-events', type, subject, key: subject, data, traceparent };
  const change = changeOf(event);
  if (!change) return [entry];
  return [entry, { id: randomUUID(), topic: 'task-updates', type: 'task.changed.v1', subject, key: scope, data: change, traceparent }];
}
