import { describe, expect, test } from 'vitest';
import type { TaskEvent } from '../../../services/contracts/events.ts';
import type { StoredEvent } from '../../../services/kit/event-store.ts';
import { historyOf, type HistoryEntry } from '../../../services/task-api/history.ts';
import { decide, fold, versionOf, type Command, type TaskFields } from '../../../services/task-api/task.ts';

const PLAIN: TaskFields = { title: 'Bins', description: '', priority: 'medium', tags: [], due: null, recurrence: null };
const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, '0')}:00.000Z`;

/** The history of a task that was created and then had these things done to it. */
function history(fields: Partial<TaskFields>, ...later: Command[]): HistoryEntry[] {
  const events: TaskEvent[] = [];
  for (const command of [{ do: 'create', id: 't-1', owner: 'ada', fields: { ...PLAIN, ...fields }, at: at(0) } as Command, ...later]) {
    const decision = decide(fold(events), command);
    if (!('events' in decision)) throw new Error(`${command.do} was refused`);
    events.push(...decision.events);
  }
  return historyOf(events.map(stored));
}
function stored(event: TaskEvent, index: number): StoredEvent {
  return { ...event, id: `e-${index}`, stream: 't-1', version: versionOf(event), scope: 'ada', time: new Date(), traceparent: undefined, position: `7-${index}` };
}
const change = (fields: Partial<TaskFields>): Command => ({ do: 'change', fields, at: at(1) });
const MONDAY = { at: '2026-11-23T09:00', zone: 'Europe/Zurich' };

describe('a history tells in words', () => {
  test.each<[string, Partial<TaskFields>, Command[], string]>([
    ['a plain task', {}, [], 'Created "Bins".'],
    ['a task with a date', { due: MONDAY }, [], 'Created "Bins", due 2026-11-23 09:00 (Europe/Zurich).'],
    ['a series', { due: MONDAY, recurrence: 'FREQ=DAILY' }, [], 'Created "Bins", due 2026-11-23 09:00 (Europe/Zurich), repeats FREQ=DAILY.'],
    ['another title', {}, [change({ title: 'Paper' })], 'Title changed from "Bins" to "Paper".'],
    ['a title with quotes', {}, [change({ title: 'The "good" bins' })], 'Title changed from "Bins" to "The "good" bins".'],
    ['a first description', {}, [change({ description: 'Blue ones.' })], 'Description set to "Blue ones.".'],
    ['a description taken away', { description: 'Blue ones.' }, [change({ description: '' })], 'Description changed from "Blue ones." to "".'],
    ['first tags', {}, [change({ tags: ['home', 'weekly'] })], 'Tags set to home, weekly.'],
    ['other tags', { tags: ['home'] }, [change({ tags: ['office'] })], 'Tags changed from home to office.'],
    ['no tags any more', { tags: ['home'] }, [change({ tags: [] })], 'Tags changed from home to none.'],
    ['a first due date', {}, [change({ due: MONDAY })], 'Due set to 2026-11-23 09:00 (Europe/Zurich).'],
    ['another due date', { due: MONDAY }, [change({ due: { ...MONDAY, at: '2026-11-24T09:00' } })], 'Due changed from 2026-11-23 09:00 (Europe/Zurich) to 2026-11-24 09:00 (Europe/Zurich).'],
    ['no due date any more', { due: MONDAY }, [change({ due: null })], 'Due removed.'],
    ['the end of a series', { due: MONDAY, recurrence: 'FREQ=DAILY' }, [change({ due: null, recurrence: null })], 'Due removed, recurrence removed.'],
    ['several changes, as a form shows them', {}, [change({ tags: ['a'], priority: 'high', title: 'Paper' })], 'Title changed from "Bins" to "Paper", priority changed from "medium" to "high", tags set to a.'],
    ['a completion', {}, [{ do: 'complete', at: at(1) }], 'Completed.'],
    ['a change of mind', {}, [{ do: 'complete', at: at(1) }, { do: 'reopen', at: at(2) }], 'Reopened.'],
    ['its end', {}, [{ do: 'delete', at: at(1) }], 'Deleted.'],
    [
      'its next occurrence',
      { due: MONDAY, recurrence: 'FREQ=DAILY' },
      [{ do: 'complete', at: at(1) }, { do: 'continue', next: { id: 't-2', due: { ...MONDAY, at: '2026-11-24T09:00' }, recurrence: 'FREQ=DAILY' }, at: at(2) }],
      'Comes back as t-2, due 2026-11-24 09:00 (Europe/Zurich).',
    ],
  ])('%s', (_what, fields, later, text) => {
    expect(history(fields, ...later).at(-1)?.text).toBe(text);
  });

  test('and says of each line its version, its time and the event to look for in the logs; the changes only of an update', () => {
    const [created, updated] = history({}, change({ title: 'Paper' }));
    expect(created).toEqual({ version: 1, at: at(0), type: 'task.created.v1', text: 'Created "Bins".', event_id: 'e-0' });
    expect(updated).toMatchObject({ version: 2, at: at(1), changes: { title: { from: 'Bins', to: 'Paper' } }, event_id: 'e-1' });
  });
});
