import { parseDuration } from '../../definition/duration.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';

/** A day, or a day with a time; seconds, fraction and zone may be left out. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Milliseconds since the epoch of `10m` (back from `now`) or of an ISO 8601 time. Without a zone it is local time,
 * a day alone its local midnight. Throws TODOCTL_TIME_SYNTAX.
 */
export function parseWhen(text: string, now: number, flag: string): number {
  const back = parseDuration(text);
  if (back !== undefined) return now - back;
  const at = ISO.test(text) && sameDay(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : NaN;
  if (Number.isNaN(at)) throw new TodoctlError('TODOCTL_TIME_SYNTAX', { message: `${flag} ${text} is neither a duration nor a time` });
  return at;
}

/** `Date.parse` rolls 30 February over into March. */
function sameDay(text: string): boolean {
  const day = text.slice(0, 10);
  const parsed = new Date(`${day}T00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
