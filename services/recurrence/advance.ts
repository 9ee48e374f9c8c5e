import { z } from 'zod';
import type { Dapr } from '../kit/dapr.ts';
import { DaprError } from '../kit/dapr-error.ts';
import { publishDeadLetter } from '../kit/dead-letter.ts';
import type { Logger } from '../kit/log.ts';
import type { Counter } from '../kit/metrics.ts';
import { continueTrace } from '../kit/trace.ts';
import type { Saga, Sagas } from './saga.ts';

export interface SagaDeps {
  readonly sagas: Sagas;
  readonly dapr: Pick<Dapr, 'invoke' | 'publishBulk'>;
  readonly log: Logger;
  readonly service: string;
  /** By the state that a saga came to. */
  readonly settled: Counter;
  readonly patience?: Patience;
}

/** When a saga is given up: after so many answers that were none, or after so long without any. */
export interface Patience {
  readonly attempts: number;
  readonly ms: number;
}
export const PATIENCE: Patience = { attempts: 8, ms: 24 * 3_600_000 };

const answerSchema = z.object({ task_id: z.string() });
const MOST_REST_MS = 60_000;

/**
 * Takes a pending saga its one step further: asks task-api for the next occurrence. Safe to be cut off anywhere and to be
 * run again, by any replica: task-api makes one successor, whoever asks how often. Never throws for what is only away: the
 * saga rests, longer each time, and is given up when the patience is at its end.
 */
export async function advance(deps: SagaDeps, saga: Saga): Promise<void> {
  const { sagas, dapr } = deps;
  const { eventId, due, recurrence } = saga;
  let answer: unknown;
  try {
    answer = await dapr.invoke('task-api', '/internal/occurrences', {
      method: 'POST',
      body: { task_id: saga.taskId, user_id: saga.userId, due, recurrence },
      headers: { 'idempotency-key': `recurrence-${eventId}` },
      trace: continueTrace(saga.event.traceparent),
    });
  } catch (error) {
    return refused(deps, saga, error);
  }
  const made = answerSchema.safeParse(answer);
  if (!made.success) return rest(deps, saga, 'task-api answered without a task id', true);
  await sagas.settle(eventId, 'done', { nextTaskId: made.data.task_id });
  deps.settled.inc({ state: 'done' });
}

async function refused(deps: SagaDeps, saga: Saga, error: unknown): Promise<void> {
  const status = error instanceof DaprError && isProblem(error.body) ? error.status : 0;
  // What task-api itself says of the task; Dapr has 404s and 409s of its own.
  if (status === 404 || status === 409) {
    const reason = status === 409 ? 'the task was reopened' : 'the task is gone';
    await deps.sagas.settle(saga.eventId, 'cancelled', { reason });
    deps.settled.inc({ state: 'cancelled' });
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (status === 422) return giveUp(deps, saga, 'poison', reason);
  await rest(deps, saga, reason, !(error instanceof DaprError && error.away));
}

async function rest(deps: SagaDeps, saga: Saga, reason: string, counts: boolean): Promise<void> {
  const { attempts, ms } = deps.patience ?? PATIENCE;
  const waited = Date.now() - saga.beganAt.getTime();
  if (waited > ms || (counts && saga.attempts + 1 >= attempts)) return giveUp(deps, saga, 'exhausted', reason);
  deps.log.warn({ event_id: saga.eventId, task_id: saga.taskId, reason }, 'the next occurrence could not be made yet');
  // As long as it has waited already: a second is followed by two, four, eight.
  await deps.sagas.postpone(saga.eventId, Math.min(Math.max(waited, 500), MOST_REST_MS), counts);
}

async function giveUp(deps: SagaDeps, saga: Saga, reason: 'poison' | 'exhausted', detail: string): Promise<void> {
  const { eventId, attempts, origin, event } = saga;
  // First the letter, then the state: a crash between them repeats the letter, under the same id.
  await publishDeadLetter(deps.dapr, { reason, detail, attempts: attempts + 1, consumer: deps.service, origin, trace: continueTrace(event.traceparent), original: event });
  await deps.sagas.settle(eventId, 'failed', { reason: detail });
  deps.settled.inc({ state: 'failed' });
  deps.log.error({ event_id: eventId, task_id: saga.taskId, reason: detail }, 'the next occurrence was given up');
}

function isProblem(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string' && body.type.startsWith('urn:todo:problem:');
}
