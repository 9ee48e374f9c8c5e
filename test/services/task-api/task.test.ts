import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_DATA, type TaskEvent } from '../../../services/contracts/events.ts';
import type { Due } from '../../../services/contracts/task.ts';
import { decide, evolve, fold, versionOf, type Command, type TaskFields, type TaskState } from '../../../services/task-api/task.ts';

const ID = '01987c3e-6f1a-7c40-9d0b-5a1f6f5b9c11';
const NEXT = '01987c3e-9a2b-7d11-8c3f-0b7a4e2d6f22';
const MONDAY: Due = { at: '2026-11-23T09:00', zone: 'Europe/Zurich' };
const PLAIN: TaskFields = { title: 'Water the plants', description: '', priority: 'medium', tags: [], due: null, recurrence: null };
const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, '0')}:00.000Z`;
const create = (fields: Partial<TaskFields> = {}): Command => ({ do: 'create', id: ID, owner: 'ada', fields: { ...PLAIN, ...fields }, at: at(0) });

/** The events of commands given one after the other; fails on a refusal. */
function run(...commands: Command[]): TaskEvent[] {
  const events: TaskEvent[] = [];
  for (const command of commands) {
    const decision = decide(fold(events), command);
    if ('refused' in decision) throw new Error(`${command.do} was refused: ${decision.refused}`);
    events.push(...decision.events);
  }
  return events;
}

describe('deciding', () => {
  test('a created task is open, in its first version, and its owner’s', () => {
    const [event] = run(create());
    expect(event).toMatchObject({ type: 'task.created.v1', data: { event_type: 'created', task_id: ID, user_id: 'ada', timestamp: at(0), title: 'Water the plants' } });
    expect(fold(run(create()))).toMatchObject({ task: { completed: false, version: 1, owner: 'ada', created_at: at(0) }, deleted: false });
  });

  test('an update says of each changed field what it was and what it is, and of the others nothing', () => {
    const [, event] = run(create(), { do: 'change', fields: { title: 'Water the fern', priority: 'medium', tags: ['home'] }, at: at(1) });
    expect(event?.type).toBe('task.updated.v1');
    expect((event?.data as { changes: unknown }).changes).toEqual({ title: { from: 'Water the plants', to: 'Water the fern' }, tags: { from: [], to: ['home'] } });
  });

  test.each<[string, Command[]]>([
    ['a change that changes nothing', [create(), { do: 'change', fields: { title: 'Water the plants', tags: [] }, at: at(1) }]],
    ['completing what is completed', [create(), { do: 'complete', at: at(1) }, { do: 'complete', at: at(2) }]],
    ['reopening what is open', [create(), { do: 'reopen', at: at(1) }]],
  ])('%s makes no event', (_what, commands) => {
    expect(run(...commands)).toEqual(run(...commands.slice(0, -1)));
  });

  test('reopening is an update that says so', () => {
    const events = run(create(), { do: 'complete', at: at(1) }, { do: 'reopen', at: at(2) });
    expect(events[2]).toMatchObject({ type: 'task.updated.v1', data: { changes: { completed: { from: true, to: false } }, task_data: { completed: false } } });
  });

  test('a task is created once', () => {
    expect(decide(fold(run(create())), create())).toEqual({ refused: 'exists' });
  });

  test.each<Command>([{ do: 'complete', at: at(3) }, { do: 'reopen', at: at(3) }, { do: 'delete', at: at(3) }, { do: 'change', fields: { title: 'x' }, at: at(3) }])('$do finds neither a task that never was nor a deleted one', (command) => {
    expect(decide(undefined, command)).toEqual({ refused: 'missing' });
    expect(decide(fold(run(create(), { do: 'delete', at: at(1) })), command)).toEqual({ refused: 'missing' });
  });
});

describe('a task that repeats', () => {
  const next = { id: NEXT, due: { at: '2026-11-30T09:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY' };
  const done = () => run(create({ due: MONDAY, recurrence: 'FREQ=WEEKLY' }), { do: 'complete', at: at(1) });

  test('has one next occurrence, whoever asks for more', () => {
    const triggered = decide(fold(done()), { do: 'continue', next, at: at(2) });
    const events = 'events' in triggered ? triggered.events : [];
    expect(events).toMatchObject([{ type: 'task.recurring.triggered.v1', data: { task_id: ID, next_task_id: NEXT, next_due: next.due, version: 3 } }]);
    const again = { ...next, id: 'another' };
    expect(decide(fold([...done(), ...events]), { do: 'continue', next: again, at: at(3) })).toEqual({ events: [] });
  });

  test('goes on though it was cleared away as soon as it was done', () => {
    const cleared = [...done(), ...decideOn(done(), { do: 'delete', at: at(2) })];
    const events = decideOn(cleared, { do: 'continue', next, at: at(3) });
    expect(events).toMatchObject([{ type: 'task.recurring.triggered.v1' }]);
    expect(fold([...cleared, ...events])).toMatchObject({ deleted: true, successor: NEXT });
  });

  test('does not go on while it is open', () => {
    const reopened = [...done(), ...decideOn(done(), { do: 'reopen', at: at(2) })];
    expect(decide(fold(reopened), { do: 'continue', next, at: at(3) })).toEqual({ refused: 'open' });
  });

  test.each<[string, Partial<TaskFields>, { pointer: string; detail: string }]>([
    ['without a due date', { recurrence: 'FREQ=WEEKLY' }, { pointer: '/due', detail: 'A task that repeats needs a due date: its rule starts there.' }],
    ['by a rule that is none', { due: MONDAY, recurrence: 'FREQ=OFTEN' }, { pointer: '/recurrence', detail: 'FREQ cannot be "OFTEN".' }],
    ['on a day that never comes', { due: MONDAY, recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, { pointer: '/recurrence', detail: 'The rule names no day that exists.' }],
    ['in a zone that is none', { due: { at: '2026-11-23T09:00', zone: 'Mars/Olympus' } }, { pointer: '/due/zone', detail: 'Mars/Olympus is not a time zone; name one like Europe/Zurich.' }],
    ['at a time that is none', { due: { at: 'soon', zone: 'UTC' } }, { pointer: '/due/at', detail: 'Write the time as 2026-11-24T09:00, with an offset or Z if it is an instant.' }],
  ])('is refused %s, and the field is named', (_what, fields, fault) => {
    expect(decide(undefined, create(fields))).toEqual({ refused: 'fields', faults: [fault] });
  });

  test('cannot lose its due date alone', () => {
    const state = fold(run(create({ due: MONDAY, recurrence: 'FREQ=WEEKLY' })));
    expect(decide(state, { do: 'change', fields: { due: null }, at: at(1) })).toMatchObject({ refused: 'fields', faults: [{ pointer: '/due' }] });
    expect(decide(state, { do: 'change', fields: { due: null, recurrence: null }, at: at(1) })).toHaveProperty('events');
  });
});

describe('whatever is done to a task', () => {
  const fields = fc.record({
    title: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    description: fc.string({ maxLength: 20 }),
    priority: fc.constantFrom('low', 'medium', 'high'),
    tags: fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 3 }),
    due: fc.option(fc.constantFrom<Due>(MONDAY, { at: '2026-12-24T18:00', zone: 'Asia/Tokyo' })),
    recurrence: fc.option(fc.constantFrom('FREQ=DAILY', 'FREQ=MONTHLY;COUNT=4')),
  }) as fc.Arbitrary<TaskFields>;
  const partial = fields.chain((all) => fc.subarray(Object.keys(all)).map((keys) => Object.fromEntries(keys.map((key) => [key, all[key as keyof TaskFields]])) as Partial<TaskFields>));
  const command: fc.Arbitrary<Command> = fc.oneof(
    fields.map((all): Command => ({ do: 'create', id: ID, owner: 'ada', fields: all, at: at(0) })),
    partial.map((some): Command => ({ do: 'change', fields: some, at: at(1) })),
    fc.constantFrom<Command>({ do: 'complete', at: at(2) }, { do: 'reopen', at: at(3) }, { do: 'continue', next: { id: NEXT, due: MONDAY, recurrence: 'FREQ=DAILY' }, at: at(4) }),
    { arbitrary: fc.constant<Command>({ do: 'delete', at: at(5) }), weight: 1 },
  );
  const story = fc.tuple(fields, fc.array(command, { maxLength: 20 })).map(([first, rest]) => {
    const events: TaskEvent[] = [];
    for (const one of [{ do: 'create', id: ID, owner: 'ada', fields: first, at: at(0) } as Command, ...rest]) {
      const decision = decide(fold(events), one);
      if ('events' in decision) events.push(...decision.events);
    }
    return events;
  });

  test('its events tell what it is: the fold is what the last of them says', () => {
    fc.assert(
      fc.property(story, (events) => {
        const told = events.findLast((event) => 'task_data' in event.data);
        const last = events.at(-1);
        if (!told || !last || !('task_data' in told.data)) return;
        expect(fold(events)?.task).toEqual({ ...told.data.task_data, version: versionOf(last) });
      }),
    );
  });

  test('its versions count from 1 without a gap', () => {
    fc.assert(
      fc.property(story, (events) => {
        expect(events.map(versionOf)).toEqual(events.map((_, index) => index + 1));
      }),
    );
  });

  test('a replay with repeats, each after its first coming, tells the same', () => {
    fc.assert(
      fc.property(story, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }), (events, repeats) => {
        const replayed = [...events];
        for (const [which, where] of repeats) {
          const event = events[which % Math.max(1, events.length)];
          if (!event) continue;
          const first = replayed.indexOf(event);
          replayed.splice(first + 1 + (where % (replayed.length - first)), 0, event);
        }
        expect(fold(replayed)).toEqual(fold(events));
      }),
    );
  });

  test('every event fits its schema, and carries the whole task', () => {
    fc.assert(fc.property(story, (events) => events.forEach((event) => expect(EVENT_DATA[event.type].parse(event.data)).toEqual(event.data))));
  });

  test('nothing happens to it after it was deleted, but that its series goes on', () => {
    fc.assert(
      fc.property(story, (events) => {
        const deleted = events.findIndex((event) => event.type === 'task.deleted.v1');
        const after = deleted === -1 ? [] : events.slice(deleted + 1).map((event) => event.type);
        expect(after.filter((type) => type !== 'task.recurring.triggered.v1')).toEqual([]);
        expect(after.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('an event of a task that was never created changes nothing', () => {
  const [, completed] = run(create(), { do: 'complete', at: at(1) });
  expect(completed && evolve(undefined, completed)).toBeUndefined();
});

function decideOn(events: TaskEvent[], command: Command): readonly TaskEvent[] {
  const state: TaskState | undefined = fold(events);
  const decision = decide(state, command);
  return 'events' in decision ? decision.events : [];
}
