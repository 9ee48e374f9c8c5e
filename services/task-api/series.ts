import { dueMoment } from '../contracts/due.ts';
import { readRule } from '../contracts/recurrence-rule.ts';
import type { Task } from '../contracts/task.ts';

/** One wrong field; `pointer` is a JSON Pointer into the task. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** What is wrong with a due date and a rule that each have the right form: whether they name a moment, and a series. */
export function fieldFaults({ due, recurrence }: Pick<Task, 'due' | 'recurrence'>): Fault[] {
  if (due === null) return recurrence === null ? [] : [{ pointer: '/due', detail: 'A task that repeats needs a due date: its rule starts there.' }];
  const start = attempt(() => dueMoment(due));
  if (typeof start === 'string') return [{ pointer: start.includes('time zone') ? '/due/zone' : '/due/at', detail: start }];
  if (recurrence === null) return [];
  const series = attempt(() => readRule(recurrence, start));
  if (typeof series === 'string') return [{ pointer: '/recurrence', detail: series }];
  const walk = attempt(() => series.next(start));
  return typeof walk === 'string' ? [{ pointer: '/recurrence', detail: 'The rule names no day that exists.' }] : [];
}

function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
