import { dueMoment, dueOf } from '../contracts/due.ts';
import { readRule } from '../contracts/recurrence-rule.ts';
import type { Due } from '../contracts/task.ts';

/** The next task of a series: when it is due, and the rule that it carries on. */
export interface Occurrence {
  readonly due: Due;
  readonly recurrence: string;
}

export interface Completed {
  readonly due: Due;
  /** A rule without `RRULE:`; the due date is its DTSTART and its first occurrence. */
  readonly recurrence: string;
  /** When it was completed, RFC 3339: the same for every delivery of the event, so the answer is the same too. */
  readonly completedAt: string;
}

/**
 * The occurrence after a completed one: the first that lies after both its due date and its completion, so that a task
 * done late does not come back overdue. Occurrences passed over count: COUNT goes down by them as well.
 * Undefined at the end of the series. Throws a RangeError when the due date or the rule is none.
 */
export function nextOccurrence({ due, recurrence, completedAt }: Completed): Occurrence | undefined {
  const start = dueMoment(due);
  const series = readRule(recurrence, start);
  const done = Temporal.Instant.from(completedAt).toZonedDateTimeISO(start.timeZoneId);
  const after = Temporal.ZonedDateTime.compare(done, start) > 0 ? done : start;
  const count = /(?:^|;)COUNT=(\d+)/.exec(recurrence)?.[1];
  if (count === undefined) {
    const next = series.next(after);
    return next ? { due: dueOf(next), recurrence } : undefined;
  }
  // COUNT is bounded (recurrence-rule.ts), so the whole series may be walked.
  const all = series.all();
  const index = all.findIndex((moment) => Temporal.ZonedDateTime.compare(moment, after) > 0);
  const next = all[index];
  return next ? { due: dueOf(next), recurrence: recurrence.replace(/(^|;)COUNT=\d+/, `$1COUNT=${Number(count) - index}`) } : undefined;
}
