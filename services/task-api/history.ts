import type { Changes, TaskEvent } from '../contracts/events.ts';
import type { Due } from '../contracts/task.ts';
import type { StoredEvent } from '../kit/event-store.ts';
import { asTaskEvent } from './task-log.ts';

/** One line of a task's history. */
export interface HistoryEntry {
  readonly version: number;
  readonly at: string;
  readonly type: TaskEvent['type'];
  /** What happened, in words. */
  readonly text: string;
  readonly changes?: Changes;
  /** To be found again in logs and traces. */
  readonly event_id: string;
}

/** A task's events as a person reads them. */
export function historyOf(events: readonly StoredEvent[]): HistoryEntry[] {
  return events.map((stored) => {
    const event = asTaskEvent(stored);
    const changes = event.type === 'task.updated.v1' ? { changes: event.data.changes } : {};
    return { version: stored.version, at: event.data.timestamp, type: event.type, text: describe(event), ...changes, event_id: stored.id };
  });
}

function describe(event: TaskEvent): string {
  switch (event.type) {
    case 'task.created.v1': {
      const { title, due, recurrence } = event.data.task_data;
      return `Created "${title}"${due ? `, due ${dueText(due)}` : ''}${recurrence ? `, repeats ${recurrence}` : ''}.`;
    }
    case 'task.updated.v1':
      return describeChanges(event.data.changes);
    case 'task.completed.v1':
      return 'Completed.';
    case 'task.deleted.v1':
      return 'Deleted.';
    case 'task.recurring.triggered.v1':
      return `Comes back as ${event.data.next_task_id}, due ${dueText(event.data.next_due)}.`;
  }
}

// As a form would show them: jsonb keeps no order of its own.
const ORDER = ['title', 'description', 'priority', 'tags', 'due', 'recurrence'];

function describeChanges(changes: Changes): string {
  if (changes['completed']) return 'Reopened.';
  const fields = Object.entries(changes).sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  const parts = fields.map(([field, { from, to }]) => {
    if (to === null) return `${field} removed`;
    return isNothing(from) ? `${field} set to ${valueText(to)}` : `${field} changed from ${valueText(from)} to ${valueText(to)}`;
  });
  const text = parts.join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'object' && value !== null && 'at' in value) return dueText(value as Due);
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

function dueText({ at, zone }: Due): string {
  return `${at.replace('T', ' ')} (${zone})`;
}
