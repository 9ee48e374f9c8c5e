import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueMoment } from '../../../services/contracts/due.ts';
import { nextOccurrence } from '../../../services/recurrence/next-occurrence.ts';

const zurich = (at: string) => ({ at, zone: 'Europe/Zurich' });
/** When the next one is due, of a task completed an hour before its due date unless told. */
function next(at: string, recurrence: string, completedAt = new Date(dueMoment(zurich(at)).epochMilliseconds - 3_600_000).toISOString()) {
  return nextOccurrence({ due: zurich(at), recurrence, completedAt });
}

describe('the next occurrence', () => {
  test.each([
    ['a day later', '2026-11-23T09:00', 'FREQ=DAILY', '2026-11-24T09:00:00'],
    ['on the next of its weekdays', '2026-11-23T09:00', 'FREQ=WEEKLY;BYDAY=MO,WE', '2026-11-25T09:00:00'],
    ['every other week', '2026-11-23T09:00', 'FREQ=WEEKLY;INTERVAL=2', '2026-12-07T09:00:00'],
    ['on the last Friday of the month', '2026-11-27T17:30', 'FREQ=MONTHLY;BYDAY=-1FR', '2026-12-25T17:30:00'],
    ['on the 31st, passing over the months that have none', '2026-01-31T08:00', 'FREQ=MONTHLY', '2026-03-31T08:00:00'],
    ['on 29 February, four years on', '2028-02-29T08:00', 'FREQ=YEARLY', '2032-02-29T08:00:00'],
    ['from a start that its own rule would not name', '2026-11-24T09:00', 'FREQ=WEEKLY;BYDAY=MO', '2026-11-30T09:00:00'],
  ])('comes %s', (_when, at, rule, expected) => {
    expect(next(at, rule)).toEqual({ due: zurich(expected), recurrence: rule });
  });

  test('keeps the time on the clock when the clocks change', () => {
    const before = next('2026-10-24T09:00', 'FREQ=DAILY');
    expect(before?.due).toEqual(zurich('2026-10-25T09:00:00'));
    expect(before && dueMoment(before.due).toInstant().toString()).toBe('2026-10-25T08:00:00Z');
  });

  test('passes over a day whose hour the clocks skip', () => {
    expect(next('2026-03-28T02:30', 'FREQ=DAILY')?.due).toEqual(zurich('2026-03-30T02:30:00'));
  });

  test('of an hour that comes twice, is the first', () => {
    const occurrence = next('2026-10-24T02:30', 'FREQ=DAILY');
    expect(occurrence && dueMoment(occurrence.due).toInstant().toString()).toBe('2026-10-25T00:30:00Z');
  });

  test('goes through an hour that comes twice once, and then on', () => {
    const second = next('2026-10-25T01:30', 'FREQ=HOURLY');
    expect(second && dueMoment(second.due).toInstant().toString()).toBe('2026-10-25T00:30:00Z');
  });
});

describe('a task completed late', () => {
  test('does not come back overdue', () => {
    expect(next('2026-11-02T09:00', 'FREQ=WEEKLY', '2026-11-21T12:00:00.000Z')?.due).toEqual(zurich('2026-11-23T09:00:00'));
  });

  test('keeps the step of its series', () => {
    expect(next('2026-11-02T09:00', 'FREQ=WEEKLY;INTERVAL=2', '2026-11-21T12:00:00.000Z')?.due).toEqual(zurich('2026-11-30T09:00:00'));
  });

  test('has used up what was passed over', () => {
    expect(next('2026-11-01T09:00', 'FREQ=DAILY;COUNT=10', '2026-11-04T12:00:00.000Z')).toEqual({ due: zurich('2026-11-05T09:00:00'), recurrence: 'FREQ=DAILY;COUNT=6' });
  });

  test('ten years late, is answered at once', () => {
    const began = performance.now();
    expect(next('2016-11-21T09:00', 'FREQ=DAILY', '2026-11-21T12:00:00.000Z')?.due).toEqual(zurich('2026-11-22T09:00:00'));
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('a series ends', () => {
  test.each([
    ['after its last count', '2026-11-23T09:00', 'FREQ=DAILY;COUNT=1', undefined],
    ['when the rest was passed over', '2026-11-23T09:00', 'FREQ=DAILY;COUNT=3', '2026-12-23T09:00:00.000Z'],
    ['at its until', '2026-11-23T09:00', 'FREQ=DAILY;UNTIL=20261123T080000Z', undefined],
    ['at a day given as its until', '2026-11-23T09:00', 'FREQ=DAILY;UNTIL=20261123', undefined],
  ])('%s', (_when, at, rule, completedAt) => {
    expect(completedAt ? next(at, rule, completedAt) : next(at, rule)).toBeUndefined();
  });

  test('at its until, which is itself the last occurrence', () => {
    expect(next('2026-11-23T09:00', 'FREQ=DAILY;UNTIL=20261124T080000Z')?.due).toEqual(zurich('2026-11-24T09:00:00'));
  });

  test('after as many tasks as COUNT says, each completed in time', () => {
    let occurrence: { due: { at: string; zone: string }; recurrence: string } | undefined = { due: zurich('2026-11-23T09:00:00'), recurrence: 'FREQ=WEEKLY;COUNT=4;BYDAY=MO,TH' };
    const days: string[] = [];
    while (occurrence) {
      days.push(occurrence.due.at.slice(0, 10));
      occurrence = next(occurrence.due.at, occurrence.recurrence);
    }
    expect(days).toEqual(['2026-11-23', '2026-11-26', '2026-11-30', '2026-12-03']);
  });
});

describe('a rule or a due date that is none', () => {
  test.each([
    ['FREQ=OFTEN', '2026-11-23T09:00'],
    ['FREQ=DAILY', 'soon'],
  ])('is a RangeError: %s from %s', (recurrence, at) => {
    expect(() => nextOccurrence({ due: zurich(at), recurrence, completedAt: '2026-11-23T09:00:00Z' })).toThrow(RangeError);
  });
});

test('the next occurrence lies after both due date and completion, in the same zone, and the same answer comes each time', () => {
  const rule = fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,FR', 'FREQ=MONTHLY;BYMONTHDAY=-1', 'FREQ=HOURLY;INTERVAL=7', 'FREQ=DAILY;COUNT=400');
  const zone = fc.constantFrom('Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
  const minute = fc.integer({ min: 27_000_000, max: 31_000_000 });
  fc.assert(
    fc.property(rule, zone, minute, fc.integer({ min: -10_000, max: 400_000 }), (recurrence, zoneName, dueMinute, lateBy) => {
      const start = Temporal.Instant.fromEpochMilliseconds(dueMinute * 60_000).toZonedDateTimeISO(zoneName);
      const due = { at: start.toPlainDateTime().toString(), zone: zoneName };
      const completedAt = new Date((dueMinute + lateBy) * 60_000).toISOString();
      const occurrence = nextOccurrence({ due, recurrence, completedAt });
      expect(nextOccurrence({ due, recurrence, completedAt })).toEqual(occurrence);
      if (!occurrence) return;
      const moment = dueMoment(occurrence.due);
      expect(moment.epochMilliseconds).toBeGreaterThan(Math.max(dueMoment(due).epochMilliseconds, Date.parse(completedAt)));
      expect(moment.timeZoneId).toBe(zoneName);
    }),
    { numRuns: 60 },
  );
});
