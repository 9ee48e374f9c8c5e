import { isDeepStrictEqual } from 'node:util';
import type { Changes, EventOf, TaskAction, TaskEvent } from '../contracts/events.ts';
import type { Due, Task } from '../contracts/task.ts';
import { fieldFaults, type Fault } from './series.ts';

/** What a person may set. */
export type TaskFields = Pick<Task, 'title' | 'description' | 'priority' | 'tags' | 'due' | 'recurrence'>;

/** Some of them; what is absent stays. */
export type FieldChanges = { readonly [Field in keyof TaskFields]?: TaskFields[Field] | undefined };

/** A task as its own stream of events tells it. */
export interface TaskState {
  readonly task: Task;
  readonly deleted: boolean;
  /** The next occurrence, once it exists: a task has at most one. */
  readonly successor: string | null;
}

/** `at` is an RFC 3339 time in UTC. */
export type Command =
  | { readonly do: 'create'; readonly id: string; readonly owner: string; readonly fields: TaskFields; readonly at: string }
  | { readonly do: 'change'; readonly fields: FieldChanges; readonly at: string }
  | { readonly do: 'complete' | 'reopen' | 'delete'; readonly at: string }
  | { readonly do: 'continue'; readonly next: { readonly id: string; readonly due: Due; readonly recurrence: string }; readonly at: string };

/** No events: the task is already as it should be. */
export type Decision = { readonly events: readonly TaskEvent[] } | { readonly refused: 'missing' | 'exists' | 'open' } | { readonly refused: 'fields'; readonly faults: readonly Fault[] };

type Changing = Exclude<Command, { do: 'create' | 'continue' }>;

/** What a command makes of a task. Pure: the same state and command give the same events. */
export function decide(state: TaskState | undefined, command: Command): Decision {
  if (command.do === 'create') return state ? { refused: 'exists' } : create(command);
  if (!state) return { refused: 'missing' };
  // A series goes on though its completed task was cleared away meanwhile: what happens must not hang on who was quicker.
  if (command.do === 'continue') return proceed(state, command);
  return state.deleted ? { refused: 'missing' } : change(state, command);
}

/** The state after an event. An event that the state has seen already changes nothing, so a replay with repeats is safe. */
export function evolve(state: TaskState | undefined, event: TaskEvent): TaskState | undefined {
  if (event.type === 'task.created.v1') return state ?? { task: event.data.task_data, deleted: false, successor: null };
  if (!state || versionOf(event) <= state.task.version) return state;
  const { timestamp } = event.data;
  const version = versionOf(event);
  switch (event.type) {
    case 'task.updated.v1':
      return { ...state, task: { ...state.task, ...newValues(event.data.changes), updated_at: timestamp, version } };
    case 'task.completed.v1':
      return { ...state, task: { ...state.task, completed: true, updated_at: timestamp, version } };
    case 'task.deleted.v1':
      return { ...state, deleted: true, task: { ...state.task, updated_at: timestamp, version } };
    case 'task.recurring.triggered.v1':
      return { ...state, successor: event.data.next_task_id, task: { ...state.task, version } };
  }
}

/** The state that a stream's events tell, from its first on. */
export function fold(events: Iterable<TaskEvent>): TaskState | undefined {
  let state: TaskState | undefined;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** The version of the task after the event. */
export function versionOf(event: TaskEvent): number {
  return event.type === 'task.recurring.triggered.v1' ? event.data.version : event.data.task_data.version;
}

function create({ id, owner, fields, at }: Extract<Command, { do: 'create' }>): Decision {
  const faults = fieldFaults(fields);
  if (faults.length > 0) return { refused: 'fields', faults };
  const task: Task = { id, ...fields, completed: false, created_at: at, updated_at: at, owner, version: 1 };
  return { events: [{ type: 'task.created.v1', data: about(task, 'created') }] };
}

function change(state: TaskState, command: Changing): Decision {
  const { task } = state;
  const next: Task = { ...task, updated_at: command.at, version: task.version + 1 };
  switch (command.do) {
    case 'change':
      return changeFields(task, next, command.fields);
    case 'complete': {
      if (task.completed) return { events: [] };
      return { events: [{ type: 'task.completed.v1', data: about({ ...next, completed: true }, 'completed') }] };
    }
    case 'reopen':
      return task.completed ? { events: [updated({ ...next, completed: false }, { completed: { from: true, to: false } })] } : { events: [] };
    case 'delete':
      return { events: [{ type: 'task.deleted.v1', data: about(next, 'deleted') }] };
  }
}

function changeFields(task: Task, next: Task, fields: FieldChanges): Decision {
  const changes: Changes = {};
  for (const [field, to] of Object.entries(fields)) {
    const from = task[field as keyof TaskFields];
    if (to !== undefined && !isDeepStrictEqual(from, to)) changes[field] = { from, to };
  }
  if (Object.keys(changes).length === 0) return { events: [] };
  const changed = { ...next, ...newValues(changes) };
  const faults = fieldFaults(changed);
  return faults.length > 0 ? { refused: 'fields', faults } : { events: [updated(changed, changes)] };
}

function proceed(state: TaskState, { next, at }: Extract<Command, { do: 'continue' }>): Decision {
  if (state.successor !== null) return { events: [] };
  if (!state.task.completed) return { refused: 'open' };
  const { id, owner, version } = state.task;
  const data = { task_id: id, user_id: owner, timestamp: at, next_task_id: next.id, next_due: next.due, recurrence: next.recurrence, version: version + 1 };
  return { events: [{ type: 'task.recurring.triggered.v1', data }] };
}

function updated(task: Task, changes: Changes): EventOf<'task.updated.v1'> {
  return { type: 'task.updated.v1', data: { ...about(task, 'updated'), changes } };
}

function about<Action extends TaskAction>(task: Task, action: Action) {
  return { event_type: action, task_id: task.id, user_id: task.owner, timestamp: task.updated_at, title: task.title, priority: task.priority, task_data: task };
}

function newValues(changes: Changes): Partial<Task> {
  return Object.fromEntries(Object.entries(changes).map(([field, { to }]) => [field, to]));
}
