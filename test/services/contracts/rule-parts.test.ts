// The parts of a rule, each at its bounds: what the parser would drop without a word is refused with one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseRule, readRule, ruleFault } from '../../../services/contracts/recurrence-rule.ts';

const LISTS: [string, number, number][] = [
  ['BYSECOND', 0, 59],
  ['BYMINUTE', 0, 59],
  ['BYHOUR', 0, 23],
  ['BYMONTHDAY', -31, 31],
  ['BYYEARDAY', -366, 366],
  ['BYWEEKNO', -53, 53],
  ['BYMONTH', 1, 12],
  ['BYSETPOS', -366, 366],
];

describe.each(LISTS)('%s', (name, least, greatest) => {
  const said = `${name} takes numbers from ${least} to ${greatest}${least < 0 ? ', not 0' : ''}.`;

  test('takes its least and its greatest, and lists of them', () => {
    for (const value of [`${least}`, `${greatest}`, `${least},${greatest}`, `+${greatest}`]) expect(ruleFault(`FREQ=YEARLY;${name}=${value}`)).toBeUndefined();
  });

  test('refuses what lies beyond, zero where it counts from an end, and what is no number', () => {
    for (const value of [`${least - 1}`, `${greatest + 1}`, '1.5', '', ',1', '1,', 'MO', '1 ', '0x1', ...(least < 0 ? ['0', '-0'] : [])]) expect([value, ruleFault(`FREQ=YEARLY;${name}=${value}`)]).toEqual([value, said]);
  });

  test('refuses a list for one wrong number in it', () => {
    expect(ruleFault(`FREQ=YEARLY;${name}=1,${greatest + 1},1`)).toBe(said);
  });
});

describe('the other parts', () => {
  test.each(['MO', 'MO,TU,WE,TH,FR,SA,SU', '1MO', '+1MO', '-1SU', '53MO,-53FR'])('BYDAY may be %s', (days) => {
    expect(ruleFault(`FREQ=MONTHLY;BYDAY=${days}`)).toBeUndefined();
  });

  test.each(['', 'MON', 'M', '1', 'MO;TU', 'MO,', '123MO', '--1MO', 'mo'])('BYDAY cannot be %j', (days) => {
    expect(ruleFault(`FREQ=MONTHLY;BYDAY=${days}`)).toBeDefined();
  });

  test.each(['20261124', '20261124T235959Z'])('UNTIL may be %s', (until) => {
    expect(ruleFault(`FREQ=DAILY;UNTIL=${until}`)).toBeUndefined();
  });

  test.each(['20261124T235959', '2026-11-24', '20261124T2359Z', 'never', ''])('UNTIL cannot be %j: a moment is written in UTC', (until) => {
    expect(ruleFault(`FREQ=DAILY;UNTIL=${until}`)).toBe(`UNTIL cannot be "${until}".`);
  });

  test.each([
    ['COUNT', 10_000],
    ['INTERVAL', 1000],
  ])('%s goes from 1 to %i', (name, most) => {
    for (const value of ['1', String(most)]) expect(ruleFault(`FREQ=DAILY;${name}=${value}`)).toBeUndefined();
    for (const value of ['0', '-1', String(most + 1), '1.5', '1e3', '', ' 1', '9'.repeat(30)]) expect(ruleFault(`FREQ=DAILY;${name}=${value}`)).toBe(`${name} is a number from 1 to ${most}.`);
  });

  test.each(['constructor', '__proto__', 'toString', 'X-NAME', 'RSCALE', 'DTSTART', 'EXDATE', 'RDATE'])('%s is none of them', (name) => {
    expect(ruleFault(`FREQ=DAILY;${name}=1`)).toBe(`${name} is not a part of a recurrence rule.`);
  });
});

describe('any text', () => {
  const start = Temporal.ZonedDateTime.from('2026-11-24T09:00[Europe/Zurich]');
  const part = fc.oneof(
    fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY', 'COUNT=3', 'UNTIL=20270101', 'BYDAY=MO,TU', 'WKST=SU', 'INTERVAL=2', 'BYHOUR=9,17', 'FREQ', '=', ''),
    fc.string({ maxLength: 12 }),
  );
  const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(';'));

  test('is judged, never crashed on: a fault in words, or a rule that can be read', () => {
    fc.assert(
      fc.property(text, (any) => {
        const rule = normaliseRule(any);
        const fault = ruleFault(rule);
        if (fault === undefined) expect(() => readRule(rule, start)).not.toThrow();
        else expect(() => readRule(rule, start)).toThrow(new RangeError(fault));
      }),
    );
  });

  test('is brought into one spelling once', () => {
    fc.assert(
      fc.property(text, (any) => {
        const once = normaliseRule(any);
        fc.pre(!once.startsWith('RRULE:') && once.trim() === once);
        expect(normaliseRule(once)).toBe(once);
      }),
    );
  });
});
