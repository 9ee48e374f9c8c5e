import type { TaskEvent } from '../contracts/events.ts';
import type { Database, Transaction } from '../kit/database.ts';
import { conflict, notFound, unprocessable } from '../kit/http/problem.ts';
import type { Reply } from '../kit/http/reply.ts';
import type { Request } from '../kit/http/route.ts';
import type { Counter } from '../kit/metrics.ts';
import type { Outbox } from '../kit/outbox.ts';
import { answerOnce, fingerprintOf, idempotencyKey } from './idempotency.ts';
import { deciding, writeTasks, type Writing } from './task-log.ts';
import { decide, type Command, type TaskState } from './task.ts';

export interface TaskDeps {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly counted: { readonly created: Counter; readonly completed: Counter };
}

/**
 * Carries a changing request out in one transaction, once for each Idempotency-Key of the scope. `body` is what the request
 * asks for, as it was understood: the same key with another is refused.
 */
export async function actOnce(deps: TaskDeps, request: Request, scope: string, body: unknown, act: (tx: Transaction) => Promise<Reply>): Promise<Reply> {
  const key = idempotencyKey(request.headers);
  if (key === undefined) return deciding(deps.database, act);
  const attempt = { scope, key, fingerprint: fingerprintOf(request.method, request.path, body) };
  return deciding(deps.database, (tx) => answerOnce(tx, attempt, () => act(tx)));
}

/** What a command comes to, ready to be written. Problems: 404, 409, 422 that names each wrong field. */
export function settle(before: TaskState | undefined, command: Command): Writing {
  const decision = decide(before, command);
  if ('events' in decision) return { before, events: decision.events };
  switch (decision.refused) {
    case 'fields':
      throw unprocessable(decision.faults);
    case 'missing':
      throw notFound('There is no such task.');
    case 'open':
      throw conflict('The task is not completed.');
    case 'exists':
      throw conflict('The task is there already.');
  }
}

/** Writes what was settled and counts it once it is committed. Returns the states after it, of those that changed. */
export async function carryOut(tx: Transaction, deps: TaskDeps, request: Request, writings: readonly Writing[]): Promise<TaskState[]> {
  const states = await writeTasks(tx, deps.outbox, request.trace, writings);
  const count = (type: TaskEvent['type']) => writings.flatMap(({ events }) => events).filter((event) => event.type === type).length;
  tx.afterCommit(() => {
    deps.counted.created.inc({}, count('task.created.v1'));
    deps.counted.completed.inc({}, count('task.completed.v1'));
  });
  return states;
}

/** RFC 3339 in UTC, to the millisecond. */
export function timestamp(): string {
  return new Date().toISOString();
}
