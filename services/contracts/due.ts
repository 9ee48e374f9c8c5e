import type { Due } from './task.ts';

const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * The moment a due date names, with its zone. Of a local time that comes twice (autumn) the first is meant, as RFC 5545 3.3.5 says.
 * Throws a RangeError in plain words: not a date and time, not a zone, an hour that the zone's clocks pass over (spring).
 */
export function dueMoment(due: Due): Temporal.ZonedDateTime {
  const form = FORM.exec(due.at);
  if (!form) throw new RangeError('Write the time as 2026-11-24T09:00, with an offset or Z if it is an instant.');
  const local = attempt(() => Temporal.PlainDateTime.from(due.at.slice(0, due.at.length - (form[1]?.length ?? 0))), `${due.at} is not a date of the calendar.`);
  const moment = attempt(() => local.toZonedDateTime(due.zone, { disambiguation: 'compatible' }), `${due.zone} is not a time zone; name one like Europe/Zurich.`);
  if (form[1] !== undefined) return Temporal.Instant.from(due.at).toZonedDateTimeISO(due.zone);
  if (!moment.toPlainDateTime().equals(local)) throw new RangeError(`${due.at} does not exist in ${due.zone}: its clocks go forward over it.`);
  return moment;
}

/** The due date of a moment, as a local time: what a person set on the clock stays what it was over a change of clocks. */
export function dueOf(moment: Temporal.ZonedDateTime): Due {
  const local = moment.toPlainDateTime();
  // Of an hour that comes twice a local time means the first; the second needs its offset.
  const first = local.toZonedDateTime(moment.timeZoneId, { disambiguation: 'compatible' });
  const at = first.equals(moment) ? local.toString() : `${local.toString()}${moment.offset}`;
  return { at, zone: moment.timeZoneId };
}

function attempt<T>(read: () => T, otherwise: string): T {
  try {
    return read();
  } catch {
    throw new RangeError(otherwise);
  }
}
