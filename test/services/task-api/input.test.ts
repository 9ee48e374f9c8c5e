import { describe, expect, test } from 'vitest';
import { changesSchema, newTaskSchema } from '../../../services/task-api/input.ts';

/** What is said of each wrong field. */
function faults(value: unknown): Record<string, string[]> {
  const result = newTaskSchema.safeParse(value);
  const found: Record<string, string[]> = {};
  for (const issue of result.error?.issues ?? []) (found[issue.path.join('.')] ??= []).push(issue.message);
  return found;
}

describe('a new task', () => {
  test('needs a title alone; the rest has defaults', () => {
    expect(newTaskSchema.parse({ title: 'Water the plants' })).toEqual({ title: 'Water the plants', description: '', priority: 'medium', tags: [], due: null, recurrence: null });
  });

  test.each([
    ['emoji with joiners', '👩‍👩‍👧‍👦 family dinner'],
    ['right to left', 'שלום עולם — مرحبا'],
    ['combining marks', 'Zä́hne putzen'],
    ['markup, which is text like any other', '<img src=x onerror=alert(1)>'],
    ['the longest, 500 code points of two UTF-16 units each', '🪴'.repeat(500)],
    ['spaces at its ends, kept', '  indented '],
  ])('takes a title of %s as it is', (_what, title) => {
    expect(newTaskSchema.parse({ title }).title).toBe(title);
  });

  test.each([
    ['', 'Write a title.'],
    ['   ', 'Write a title.'],
    ['a\u0007b', 'It holds a control character.'],
    ['two\nlines', 'It holds a control character.'],
    ['\u001b[31mred', 'It holds a control character.'],
    ['x'.repeat(501), 'At most 500 characters.'],
    [7, 'Write text.'],
    [null, 'Write text.'],
  ])('refuses the title %j', (title, message) => {
    expect(faults({ title }).title).toContain(message);
  });

  test('a description may have lines, but nothing that steers a terminal', () => {
    expect(newTaskSchema.parse({ title: 'x', description: 'one\n\ttwo\r\n' }).description).toBe('one\n\ttwo\r\n');
    expect(faults({ title: 'x', description: 'a\u001b[2J' })).toEqual({ description: ['It holds a control character.'] });
  });

  test('hears of all wrong fields at once', () => {
    expect(faults({ title: 1, priority: 'urgent', tags: ['a', 'a'], due: 'tomorrow', recurrence: 5 })).toEqual({
      title: ['Write text.'],
      priority: ['One of low, medium, high.'],
      tags: ['A tag stands twice.'],
      due: ['An object {at, zone}, or null.'],
      recurrence: ['Write text.'],
    });
  });

  test('hears what its due date and its rule get wrong together with the rest', () => {
    expect(faults({ title: '', due: { at: '2026-02-30T09:00', zone: 'UTC' }, recurrence: 'FREQ=NEVER' })).toEqual({
      title: ['Write a title.'],
      'due.at': ['2026-02-30T09:00 is not a date of the calendar.'],
      recurrence: [expect.stringContaining('NEVER')],
    });
    expect(faults({ title: '', due: { at: '2026-02-03T09:00', zone: 'Mars/Olympus' } })).toEqual({ title: ['Write a title.'], 'due.zone': [expect.stringContaining('Mars/Olympus is not a time zone')] });
  });

  test('has no field that is not its own', () => {
    const issue = newTaskSchema.safeParse({ title: 'x', completed: true, owner: 'eve' }).error?.issues[0];
    expect(issue).toMatchObject({ code: 'unrecognized_keys', keys: ['completed', 'owner'] });
  });

  test('keeps its rule in one spelling', () => {
    expect(newTaskSchema.parse({ title: 'x', recurrence: 'rrule:freq=weekly' }).recurrence).toBe('FREQ=WEEKLY');
  });

  test('is an object', () => {
    expect(faults([])).toEqual({ '': ['Send an object.'] });
  });
});

describe('changes of a task', () => {
  test('hold what was sent and no defaults', () => {
    expect(changesSchema.parse({ due: null })).toEqual({ due: null });
    expect(changesSchema.parse({})).toEqual({});
  });

  test('are checked as a new task is', () => {
    expect(changesSchema.safeParse({ title: '' }).success).toBe(false);
    expect(changesSchema.safeParse({ version: 3 }).success).toBe(false);
  });
});
