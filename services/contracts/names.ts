// Names only: this file is imported on the CLI's hot path and must load in a millisecond.

/** The topics of the platform and what their record key is. todoctl.yaml is tested to agree. */
export const TOPICS = {
  'task-events': { key: 'task' },
  reminders: { key: 'task' },
  'task-updates': { key: 'user' },
} as const satisfies Record<string, { key: 'task' | 'user' }>;
export type TopicName = keyof typeof TOPICS;

/** CloudEvents types; the major version is part of the type. `task.changed` is what `task-updates` carries, the others `task-events` and `reminders`. */
export const EVENT_TYPES = [
  'task.created.v1',
  'task.updated.v1',
  'task.completed.v1',
  'task.deleted.v1',
  'task.reminder.due.v1',
  'task.recurring.triggered.v1',
  'task.changed.v1',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The name of the Dapr pub/sub component that services publish to. */
export const PUBSUB = 'pubsub';

/** Where a service takes the deliveries of a topic. */
export function deliveryPath(topic: string): string {
  return `/events/${topic}`;
}

/** Where what a consumer of `topic` gave up on lies. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}
