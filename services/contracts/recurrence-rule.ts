import { RRuleTemporal } from 'rrule-temporal';

const INTEGERS = /^[+-]?\d{1,5}(?:,[+-]?\d{1,5})*$/;

/** The range of each list part, RFC 5545 3.3.10; those from -n also take negatives, zero excluded. The parser itself drops what is out of range without a word. */
const LISTS = new Map<string, readonly [number, number]>([
  ['BYSECOND', [0, 59]],
  ['BYMINUTE', [0, 59]],
  ['BYHOUR', [0, 23]],
  ['BYMONTHDAY', [-31, 31]],
  ['BYYEARDAY', [-366, 366]],
  ['BYWEEKNO', [-53, 53]],
  ['BYMONTH', [1, 12]],
  ['BYSETPOS', [-366, 366]],
]);
const FORMS = new Map<string, RegExp>([
  ['FREQ', /^(?:YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY|SECONDLY)$/],
  ['UNTIL', /^\d{8}(?:T\d{6}Z)?$/],
  ['BYDAY', /^(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU))*$/],
  ['WKST', /^(?:MO|TU|WE|TH|FR|SA|SU)$/],
]);
/** Bounds of this platform, not of the RFC: a series is walked from its start when COUNT is given. */
const NUMBERS = new Map([
  ['INTERVAL', 1000],
  ['COUNT', 10_000],
]);

/** A rule in its one spelling: upper case, without `RRULE:`. */
export function normaliseRule(text: string): string {
  return text.trim().toUpperCase().replace(/^RRULE:/, '');
}

/** Why a rule (normalised) is none, in plain words; undefined when it is one. Whether it ever names a day is asked of `readRule`. */
export function ruleFault(rule: string): string | undefined {
  const seen = new Set<string>();
  for (const part of rule.split(';')) {
    const [name = '', value, ...rest] = part.split('=');
    if (value === undefined || rest.length > 0) return `"${part}" is not NAME=VALUE.`;
    if (seen.has(name)) return `${name} stands twice.`;
    seen.add(name);
    const fault = partFault(name, value);
    if (fault) return fault;
  }
  if (!seen.has('FREQ')) return 'FREQ is missing, for example FREQ=WEEKLY.';
  if (seen.has('COUNT') && seen.has('UNTIL')) return 'COUNT and UNTIL exclude each other.';
  return undefined;
}

/**
 * A checked rule with its start, ready to be asked for occurrences. The start is the first of them, whether or not the
 * rule would name it (RFC 5545 3.8.5.3). Throws a RangeError when the parser refuses the rule.
 */
export function readRule(rule: string, start: Temporal.ZonedDateTime): RRuleTemporal<Temporal.ZonedDateTime> {
  const fault = ruleFault(rule);
  if (fault) throw new RangeError(fault);
  try {
    return new RRuleTemporal({ rruleString: rule, dtstart: start, temporal: Temporal, includeDtstart: true });
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function partFault(name: string, value: string): string | undefined {
  const form = FORMS.get(name);
  if (form) return form.test(value) ? undefined : `${name} cannot be "${value}".`;
  const most = NUMBERS.get(name);
  if (most !== undefined) return /^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= most ? undefined : `${name} is a number from 1 to ${most}.`;
  const range = LISTS.get(name);
  if (!range) return `${name} is not a part of a recurrence rule.`;
  const [least, greatest] = range;
  const fits = (number: number) => number >= least && number <= greatest && (least >= 0 || number !== 0);
  return INTEGERS.test(value) && value.split(',').map(Number).every(fits) ? undefined : `${name} takes numbers from ${least} to ${greatest}${least < 0 ? ', not 0' : ''}.`;
}
