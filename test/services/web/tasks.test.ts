import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../../services/contracts/task.ts';
import { sample } from '../contracts/samples.ts';
import { loadTasks } from './browser-modules.ts';

const { createTasks, dueTime } = await loadTasks();
const template = (sample('task.created.v1') as { data: { task_data: Task } }).data.task_data;
const task = (fields: Partial<Task>): Task => ({ ...template, due: null, recurrence: null, ...fields });

describe('what the page knows of its tasks', () => {
  test('is the newest version of each, in whatever order and how often they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), fc.array(fc.integer({ min: 1, max: 6 })), (versions, more) => {
        const tasks = createTasks();
        const came = [...versions, ...more];
        for (const version of came) tasks.put(task({ id: 'a', version, title: `v${version}` }));
        expect(tasks.open().map(({ title }) => title)).toEqual([`v${Math.max(...came)}`]);
      }),
    );
  });

  test('says whether there is anything new to show', () => {
    const tasks = createTasks();
    expect([tasks.put(task({ id: 'a', version: 2 })), tasks.put(task({ id: 'a', version: 2 })), tasks.put(task({ id: 'a', version: 1 })), tasks.remove('a'), tasks.remove('a')]).toEqual([true, false, false, true, false]);
  });

  test('does not bring back what was deleted, though its last change comes after', () => {
    const tasks = createTasks();
    tasks.remove('a');
    tasks.put(task({ id: 'a', version: 7 }));
    expect(tasks.open()).toEqual([]);
  });

  test('is shown as it is due, then the newest; done apart, the last done first', () => {
    const tasks = createTasks();
    const due = (at: string) => ({ at, zone: 'UTC' });
    tasks.put(task({ id: 'old', title: 'old', created_at: '2026-11-01T00:00:00.000Z' }));
    tasks.put(task({ id: 'new', title: 'new', created_at: '2026-11-02T00:00:00.000Z' }));
    tasks.put(task({ id: 'later', title: 'later', due: due('2026-12-02T09:00') }));
    tasks.put(task({ id: 'soon', title: 'soon', due: due('2026-12-01T09:00') }));
    tasks.put(task({ id: 'd1', title: 'done first', completed: true, updated_at: '2026-11-01T00:00:00.000Z' }));
    tasks.put(task({ id: 'd2', title: 'done last', completed: true, updated_at: '2026-11-02T00:00:00.000Z' }));
    expect(tasks.open().map(({ title }) => title)).toEqual(['soon', 'later', 'new', 'old']);
    expect(tasks.done().map(({ title }) => title)).toEqual(['done last', 'done first']);
  });
});

test('a due date elsewhere says where, an instant does not', () => {
  expect(dueTime(task({ due: { at: '2026-12-01T09:00', zone: 'Pacific/Apia' } }))?.elsewhere).toBe(true);
  expect(dueTime(task({ due: { at: '2026-12-01T09:00:00Z', zone: 'Pacific/Apia' } }))).toEqual({ time: new Date('2026-12-01T09:00:00Z'), elsewhere: false });
  expect(dueTime(task({}))).toBeUndefined();
});
