import { z } from 'zod';
import type { EventType } from './names.ts';
import { PRIORITIES, dueSchema, taskSchema } from './task.ts';

/** What happened to a task, in the words that older consumers know. */
const TASK_ACTIONS = ['created', 'updated', 'completed', 'deleted'] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

/** One field's value before and after. */
const changeSchema = z.object({ from: z.unknown(), to: z.unknown() });
export type Changes = Record<string, z.infer<typeof changeSchema>>;

function taskEventSchema<Action extends TaskAction>(action: Action) {
  return z.object({
    event_type: z.literal(action),
    task_id: z.string().min(1),
    user_id: z.string().min(1),
    timestamp: z.iso.datetime(),
    /** Repeated from task_data, so that `--where data.priority=high` and older filters need not know its inside. */
    title: z.string(),
    priority: z.enum(PRIORITIES),
    /** What an update changed, by field of the task. */
    changes: z.record(z.string(), changeSchema).optional(),
    /** The task after the event; of a deleted task, as it was. */
    task_data: taskSchema,
  });
}

export const taskCreatedSchema = taskEventSchema('created');
export const taskUpdatedSchema = taskEventSchema('updated').extend({ changes: z.record(z.string(), changeSchema) });
export const taskCompletedSchema = taskEventSchema('completed');
export const taskDeletedSchema = taskEventSchema('deleted');

/** On `task-events`, about the completed task: its next occurrence exists. */
export const recurringTriggeredSchema = z.object({
  task_id: z.string().min(1),
  user_id: z.string().min(1),
  timestamp: z.iso.datetime(),
  next_task_id: z.string().min(1),
  next_due: dueSchema,
  /** The rule that the next occurrence carries: COUNT goes down along the series. */
  recurrence: z.string(),
  /** Version of the completed task after this event. */
  version: z.int().positive(),
});

/** On `reminders`: a task came due. */
export const reminderDueSchema = z.object({
  task_id: z.string().min(1),
  user_id: z.string().min(1),
  due_date: z.iso.datetime(),
  reminder_type: z.enum(['email', 'push']),
  sent: z.boolean(),
});

/** On `task-updates`: what a browser must know. `position` is where the change stands in its user's feed; a client resumes from it. */
export const taskChangedSchema = z.object({
  user_id: z.string().min(1),
  task_id: z.string().min(1),
  action: z.enum(TASK_ACTIONS),
  timestamp: z.iso.datetime(),
  position: z.string().min(1),
  task_data: taskSchema,
});

/** The schema of `data`, for every event type there is. */
export const EVENT_DATA = {
  'task.created.v1': taskCreatedSchema,
  'task.updated.v1': taskUpdatedSchema,
  'task.completed.v1': taskCompletedSchema,
  'task.deleted.v1': taskDeletedSchema,
  'task.reminder.due.v1': reminderDueSchema,
  'task.recurring.triggered.v1': recurringTriggeredSchema,
  'task.changed.v1': taskChangedSchema,
} as const satisfies Record<EventType, z.ZodType>;

export type EventData = { [Type in EventType]: z.infer<(typeof EVENT_DATA)[Type]> };

/** An event's type with its data: the part of a CloudEvent that a service decides. */
export type EventOf<Type extends EventType = EventType> = { [T in Type]: { type: T; data: EventData[T] } }[Type];

/** The events of a task's own stream, in the order in which they change it. */
export type TaskEvent = EventOf<'task.created.v1' | 'task.updated.v1' | 'task.completed.v1' | 'task.deleted.v1' | 'task.recurring.triggered.v1'>;

/** Which topics carry a type. */
export const TOPIC_OF = {
  'task.created.v1': 'task-events',
  'task.updated.v1': 'task-events',
  'task.completed.v1': 'task-events',
  'task.deleted.v1': 'task-events',
  'task.recurring.triggered.v1': 'task-events',
  'task.reminder.due.v1': 'reminders',
  'task.changed.v1': 'task-updates',
} as const satisfies Record<EventType, string>;
