import { describe, expect, test } from 'vitest';
import * as adapters from '../../../services/contracts/adapters.ts';
import { EVENT_TYPES } from '../../../services/contracts/names.ts';
import { sample } from './samples.ts';

type Adapter = (event: adapters.PlatformEvent) => unknown;
const event = (type: string) => sample(type) as adapters.PlatformEvent;

const FED: { shape: string; adapter: Adapter; from: string; feeds: string[] }[] = [
  { shape: 'task-event', adapter: adapters.toTaskEvent, from: 'task.completed.v1', feeds: ['task.created.v1', 'task.updated.v1', 'task.completed.v1', 'task.deleted.v1'] },
  { shape: 'aggregate-event', adapter: adapters.toAggregateEvent, from: 'task.completed.v1', feeds: ['task.created.v1', 'task.completed.v1'] },
  { shape: 'payload-event', adapter: adapters.toPayloadEvent, from: 'task.created.v1', feeds: ['task.created.v1', 'task.updated.v1', 'task.completed.v1', 'task.deleted.v1'] },
  { shape: 'changes-event', adapter: adapters.toChangesEvent, from: 'task.updated.v1', feeds: ['task.updated.v1'] },
  { shape: 'reminder', adapter: adapters.toReminder, from: 'task.reminder.due.v1', feeds: ['task.reminder.due.v1'] },
  { shape: 'update', adapter: adapters.toUpdate, from: 'task.changed.v1', feeds: ['task.changed.v1'] },
];

describe.each(FED)('the older shape $shape', ({ shape, adapter, from, feeds }) => {
  test('is fed as its stored sample says', () => {
    expect(adapter(event(from))).toEqual(sample(`older/${shape}`));
  });

  test('is fed by the events that it has words for, and by no others', () => {
    expect(EVENT_TYPES.filter((type) => adapter(event(type)) !== undefined).sort()).toEqual([...feeds].sort());
  });
});

test('an older consumer of created todos gets its own name for them', () => {
  expect(adapters.toAggregateEvent(event('task.created.v1'))).toMatchObject({ eventType: 'TodoCreated' });
});

test('a task that does not repeat says so to older consumers', () => {
  const created = event('task.created.v1') as Extract<adapters.PlatformEvent, { type: 'task.created.v1' }>;
  const once = { ...created, data: { ...created.data, task_data: { ...created.data.task_data, recurrence: null } } };
  expect(adapters.toPayloadEvent(once)).toMatchObject({ payload: { is_recurring: false, recurrence_rule: null } });
});
