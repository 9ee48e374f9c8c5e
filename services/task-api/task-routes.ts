import { randomUUIDv7 } from 'node:crypto';
import type { Task } from '../contracts/task.ts';
import { feedHead, readStream } from '../kit/event-store.ts';
import { notFound, preconditionFailed } from '../kit/http/problem.ts';
import { created, ifMatch, noContent, ok, withETag, type Reply } from '../kit/http/reply.ts';
import type { Route, UserRequest } from '../kit/http/route.ts';
import { actOnce, carryOut, settle, timestamp, type TaskDeps } from './act.ts';
import { BEGINNING } from './change-feed.ts';
import { historyOf } from './history.ts';
import { changesSchema, newTaskSchema } from './input.ts';
import { listTasks, readListQuery } from './list.ts';
import { findTask } from './projection.ts';
import { loadTask } from './task-log.ts';
import type { Command } from './task.ts';

/** The routes of a user's tasks. Somebody else's task is not there: 404, whatever is asked of it. */
export function taskRoutes(deps: TaskDeps): Route[] {
  return [
    { method: 'POST', path: '/api/tasks', access: 'user', handler: (request) => createTask(deps, request) },
    { method: 'GET', path: '/api/tasks', access: 'user', handler: (request) => readList(deps, request) },
    { method: 'GET', path: '/api/tasks/:id', access: 'user', handler: (request) => readTask(deps, request) },
    { method: 'GET', path: '/api/tasks/:id/history', access: 'user', handler: (request) => readHistory(deps, request) },
    {
      method: 'PATCH',
      path: '/api/tasks/:id',
      access: 'user',
      async handler(request) {
        const fields = await request.json(changesSchema);
        return changeTask(deps, request, fields, { do: 'change', fields, at: timestamp() }, shown);
      },
    },
    { method: 'POST', path: '/api/tasks/:id/complete', access: 'user', handler: (request) => changeTask(deps, request, null, { do: 'complete', at: timestamp() }, shown) },
    { method: 'POST', path: '/api/tasks/:id/reopen', access: 'user', handler: (request) => changeTask(deps, request, null, { do: 'reopen', at: timestamp() }, shown) },
    { method: 'DELETE', path: '/api/tasks/:id', access: 'user', handler: (request) => changeTask(deps, request, null, { do: 'delete', at: timestamp() }, () => noContent()) },
  ];
}

async function createTask(deps: TaskDeps, request: UserRequest): Promise<Reply> {
  const fields = await request.json(newTaskSchema);
  const owner = request.user.id;
  return actOnce(deps, request, scopeOf(request), fields, async (tx) => {
    const writing = settle(undefined, { do: 'create', id: randomUUIDv7(), owner, fields, at: timestamp() });
    const [state] = await carryOut(tx, deps, request, [writing]);
    if (!state) throw new Error('a created task has no state');
    return created(state.task, `/api/tasks/${state.task.id}`, { etag: etagOf(state.task) });
  });
}

async function changeTask(deps: TaskDeps, request: UserRequest, body: unknown, command: Command, answer: (task: Task) => Reply): Promise<Reply> {
  return actOnce(deps, request, scopeOf(request), body, async (tx) => {
    const before = await loadTask(tx, idOf(request));
    if (!before || before.deleted || before.task.owner !== request.user.id) throw noTask();
    if (ifMatch(request.headers, etagOf(before.task)) === 'mismatch') throw preconditionFailed();
    const [after] = await carryOut(tx, deps, request, [settle(before, command)]);
    return answer((after ?? before).task);
  });
}

async function readTask({ database }: TaskDeps, request: UserRequest): Promise<Reply> {
  const task = await findTask(database, request.user.id, idOf(request));
  if (!task) throw noTask();
  return withETag(request.headers, ok(task), etagOf(task));
}

async function readList({ database }: TaskDeps, request: UserRequest): Promise<Reply> {
  const query = readListQuery(request.query);
  // Before the list: what happens between the two is then told by whoever follows from this position.
  const position = (await feedHead(database)) ?? BEGINNING;
  return ok({ ...(await listTasks(database, request.user.id, query)), position });
}

/** Also of a deleted task: what happened to it remains its owner's to know. */
async function readHistory({ database }: TaskDeps, request: UserRequest): Promise<Reply> {
  const events = await readStream(database, idOf(request));
  if (events[0]?.scope !== request.user.id) throw noTask();
  return ok({ task_id: idOf(request), history: historyOf(events) });
}

function shown(task: Task): Reply {
  return ok(task, { etag: etagOf(task) });
}

function etagOf(task: Task): string {
  return `"${task.version}"`;
}

function idOf(request: UserRequest): string {
  return request.params['id'] ?? '';
}

function scopeOf(request: UserRequest): string {
  return `user:${request.user.id}`;
}

function noTask() {
  return notFound('There is no such task.');
}
