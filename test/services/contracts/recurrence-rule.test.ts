import { describe, expect, test } from 'vitest';
import { normaliseRule, readRule, ruleFault } from '../../../services/contracts/recurrence-rule.ts';

describe('a recurrence rule', () => {
  test.each(['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=12', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 'FREQ=DAILY;UNTIL=20270101T000000Z', 'FREQ=DAILY;UNTIL=20270101', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;WKST=SU'])('%s is one', (rule) => {
    expect(ruleFault(rule)).toBeUndefined();
  });

  test.each([
    ['', '"" is not NAME=VALUE.'],
    ['BYDAY=MO', 'FREQ is missing, for example FREQ=WEEKLY.'],
    ['FREQ=OFTEN', 'FREQ cannot be "OFTEN".'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ stands twice.'],
    ['FREQ=DAILY;COUNT=0', 'COUNT is a number from 1 to 10000.'],
    ['FREQ=DAILY;INTERVAL=99999999', 'INTERVAL is a number from 1 to 1000.'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', 'COUNT and UNTIL exclude each other.'],
    ['FREQ=MONTHLY;BYMONTHDAY=99', 'BYMONTHDAY takes numbers from -31 to 31, not 0.'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY takes numbers from -31 to 31, not 0.'],
    ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY cannot be "XX".'],
    ['FREQ=DAILY;COLOUR=RED', 'COLOUR is not a part of a recurrence rule.'],
    ['FREQ=DAILY\nEXDATE:20260101T000000', 'FREQ cannot be "DAILY\nEXDATE:20260101T000000".'],
    ['FREQ=DAILY=X', '"FREQ=DAILY=X" is not NAME=VALUE.'],
  ])('%j is none, and its fault is said', (rule, fault) => {
    expect(ruleFault(rule)).toBe(fault);
  });

  test('is the same with RRULE: before it and in lower case', () => {
    expect(normaliseRule(' rrule:freq=daily;count=3 ')).toBe('FREQ=DAILY;COUNT=3');
  });

  test('counts its start as the first occurrence, though the rule would not name it', () => {
    const tuesday = Temporal.ZonedDateTime.from('2026-11-24T09:00[Europe/Zurich]');
    const days = readRule('FREQ=WEEKLY;BYDAY=MO;COUNT=3', tuesday).all().map((moment) => moment.toPlainDate().toString());
    expect(days).toEqual(['2026-11-24', '2026-11-30', '2026-12-07']);
  });

  test('is refused by its reader too', () => {
    const start = Temporal.ZonedDateTime.from('2026-11-24T09:00[Europe/Zurich]');
    expect(() => readRule('FREQ=OFTEN', start)).toThrow(new RangeError('FREQ cannot be "OFTEN".'));
  });
});
