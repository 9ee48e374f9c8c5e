// Older shapes that consumers of the platform's predecessors know. Each takes today's event and gives theirs; a stored sample
// of each lies in samples/. What a shape has no word for gives undefined: it is not fed.
import type { CloudEvent } from './cloud-event.ts';
import type { EventData } from './events.ts';
import type { EventType } from './names.ts';
import type { Task } from './task.ts';

/** An envelope whose data has been checked against its type's schema. */
export type PlatformEvent = { [T in EventType]: CloudEvent<T, EventData[T]> }[EventType];

/** `{event_type, task_id, user_id, timestamp, task_data}`: what today's data holds, without what came later. */
export function toTaskEvent(event: PlatformEvent) {
  if (!isTaskChange(event)) return undefined;
  const { event_type, task_id, user_id, timestamp, task_data } = event.data;
  return { event_type, task_id, user_id, timestamp, task_data };
}

/** `{eventId, eventType: TodoCreated|TodoCompleted, aggregateId, data, timestamp}`. */
export function toAggregateEvent(event: PlatformEvent) {
  if (event.type !== 'task.created.v1' && event.type !== 'task.completed.v1') return undefined;
  const eventType = event.type === 'task.created.v1' ? 'TodoCreated' : 'TodoCompleted';
  return { eventId: event.id, eventType, aggregateId: event.data.task_id, data: event.data.task_data, timestamp: event.data.timestamp };
}

/** `{event_type, task_id, timestamp, payload: {title, priority, is_recurring, recurrence_rule}}`. */
export function toPayloadEvent(event: PlatformEvent) {
  if (!isTaskChange(event)) return undefined;
  const { title, priority, recurrence } = event.data.task_data;
  const payload = { title, priority, is_recurring: recurrence !== null, recurrence_rule: recurrence };
  return { event_type: event.data.event_type, task_id: event.data.task_id, timestamp: event.data.timestamp, payload };
}

/** `{event_type: todo.updated, changes}`: of each changed field its new value. */
export function toChangesEvent(event: PlatformEvent) {
  if (event.type !== 'task.updated.v1') return undefined;
  const changes = Object.fromEntries(Object.entries(event.data.changes).map(([field, change]) => [field, change.to]));
  return { event_type: 'todo.updated', task_id: event.data.task_id, timestamp: event.data.timestamp, changes };
}

/** `{task_id, user_id, due_date, reminder_type, sent}`. */
export function toReminder(event: PlatformEvent) {
  return event.type === 'task.reminder.due.v1' ? event.data : undefined;
}

/** `{user_id, task_id, action, timestamp}`. */
export function toUpdate(event: PlatformEvent) {
  if (event.type !== 'task.changed.v1') return undefined;
  const { user_id, task_id, action, timestamp } = event.data;
  return { user_id, task_id, action, timestamp };
}

type TaskChange = Extract<PlatformEvent, { data: { task_data: Task; event_type: string } }>;

function isTaskChange(event: PlatformEvent): event is TaskChange {
  return 'event_type' in event.data;
}
