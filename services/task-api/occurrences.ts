import { randomUUIDv7 } from 'node:crypto';
import { notFound } from '../kit/http/problem.ts';
import { ok, type Reply } from '../kit/http/reply.ts';
import type { Route } from '../kit/http/route.ts';
import { actOnce, carryOut, settle, timestamp, type TaskDeps } from './act.ts';
import { occurrenceSchema } from './input.ts';
import { loadTask } from './task-log.ts';

/**
 * POST /internal/occurrences {task_id, user_id, due, recurrence}: makes the next task of a series and says so on the
 * completed one (`task.recurring.triggered`), in one transaction. A task has at most one successor: whoever asks again is
 * answered {task_id, created: false}. 404 no such task, 409 it is open again, 422 a due date or rule that is none.
 */
export function occurrenceRoute(deps: TaskDeps): Route {
  return {
    method: 'POST',
    path: '/internal/occurrences',
    access: 'app',
    async handler(request): Promise<Reply> {
      const wanted = await request.json(occurrenceSchema);
      return actOnce(deps, request, 'app', wanted, async (tx) => {
        const completed = await loadTask(tx, wanted.task_id);
        if (completed?.task.owner !== wanted.user_id) throw notFound('There is no such task.');
        if (completed.successor !== null) return ok({ task_id: completed.successor, created: false });
        const { due, recurrence } = wanted;
        const at = timestamp();
        const id = randomUUIDv7();
        const { title, description, priority, tags, owner } = completed.task;
        await carryOut(tx, deps, request, [
          settle(completed, { do: 'continue', next: { id, due, recurrence }, at }),
          settle(undefined, { do: 'create', id, owner, fields: { title, description, priority, tags, due, recurrence }, at }),
        ]);
        return { status: 201, body: { task_id: id, created: true } };
      });
    },
  };
}
