// The examples of RFC 5545 3.8.5.3 as this platform lives them: each task is completed in time, and the next one carries the
// rule on from its own due date. What is written there must come out here, though the series begins anew with every task.
import { describe, expect, test } from 'vitest';
import { dueMoment } from '../../../services/contracts/due.ts';
import type { Due } from '../../../services/contracts/task.ts';
import { nextOccurrence } from '../../../services/recurrence/next-occurrence.ts';

/** The due dates of a series, `most` at the most, each task completed a minute before it is due. */
function walk(at: string, zone: string, rule: string, most = 120): Due[] {
  const walked: Due[] = [];
  let task: { due: Due; recurrence: string } | undefined = { due: { at, zone }, recurrence: rule };
  while (task && walked.length < most) {
    walked.push(task.due);
    const { due, recurrence } = task;
    task = nextOccurrence({ due, recurrence, completedAt: new Date(dueMoment(due).epochMilliseconds - 60_000).toISOString() });
  }
  return walked;
}
const NEW_YORK = 'America/New_York';
const days = (start: string, rule: string, most?: number) => walk(`${start}T09:00:00`, NEW_YORK, rule, most).map(({ at }) => at.slice(0, 10));
/** `1997-09 2,4 1997-10 2` as dates. */
const dates = (text: string) =>
  [...text.matchAll(/(\d{4}-\d{2}) ([\d,]+)/g)].flatMap(([, month = '', list = '']) => list.split(',').map((day) => `${month}-${day.padStart(2, '0')}`));

describe('a series that ends', () => {
  test.each([
    ['daily, ten times', '1997-09-02', 'FREQ=DAILY;COUNT=10', '1997-09 2,3,4,5,6,7,8,9,10,11'],
    ['every ten days, five times', '1997-09-02', 'FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09 2,12,22 1997-10 2,12'],
    ['weekly, ten times, over the end of summer time', '1997-09-02', 'FREQ=WEEKLY;COUNT=10', '1997-09 2,9,16,23,30 1997-10 7,14,21,28 1997-11 4'],
    ['on Tuesday and Thursday, five weeks', '1997-09-02', 'FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH', '1997-09 2,4,9,11,16,18,23,25,30 1997-10 2'],
    ['the same until a moment', '1997-09-02', 'FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH', '1997-09 2,4,9,11,16,18,23,25,30 1997-10 2'],
    [
      'every other week on three days, until Christmas',
      '1997-09-01',
      'FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR',
      '1997-09 1,3,5,15,17,19,29 1997-10 1,3,13,15,17,27,29,31 1997-11 10,12,14,24,26,28 1997-12 8,10,12,22',
    ],
    ['every other week on two days, eight times', '1997-09-02', 'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH', '1997-09 2,4,16,18,30 1997-10 2,14,16'],
    ['on the first Friday', '1997-09-05', 'FREQ=MONTHLY;COUNT=10;BYDAY=1FR', '1997-09 5 1997-10 3 1997-11 7 1997-12 5 1998-01 2 1998-02 6 1998-03 6 1998-04 3 1998-05 1 1998-06 5'],
    ['on the first and the last Sunday of every other month', '1997-09-07', 'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU', '1997-09 7,28 1997-11 2,30 1998-01 4,25 1998-03 1,29 1998-05 3,31'],
    ['on the last Monday but one', '1997-09-22', 'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '1997-09 22 1997-10 20 1997-11 17 1997-12 22 1998-01 19 1998-02 16'],
    ['on the 2nd and the 15th', '1997-09-02', 'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15', '1997-09 2,15 1997-10 2,15 1997-11 2,15 1997-12 2,15 1998-01 2,15'],
    ['on the first and the last day', '1997-09-30', 'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1', '1997-09 30 1997-10 1,31 1997-11 1,30 1997-12 1,31 1998-01 1,31 1998-02 1'],
    ['every eighteen months on six days', '1997-09-10', 'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15', '1997-09 10,11,12,13,14,15 1999-03 10,11,12,13'],
    ['in June and July', '1997-06-10', 'FREQ=YEARLY;COUNT=10;BYMONTH=6,7', '1997-06 10 1997-07 10 1998-06 10 1998-07 10 1999-06 10 1999-07 10 2000-06 10 2000-07 10 2001-06 10 2001-07 10'],
    ['every other year from January to March', '1997-03-10', 'FREQ=YEARLY;INTERVAL=2;COUNT=7;BYMONTH=1,2,3', '1997-03 10 1999-01 10 1999-02 10 1999-03 10 2001-01 10 2001-02 10 2001-03 10'],
    ['every third year on three days of it', '1997-01-01', 'FREQ=YEARLY;INTERVAL=3;COUNT=7;BYYEARDAY=1,100,200', '1997-01 1 1997-04 10 1997-07 19 2000-01 1 2000-04 9 2000-07 18 2003-01 1'],
    ['on the third of the Tuesdays, Wednesdays and Thursdays', '1997-09-04', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '1997-09 4 1997-10 7 1997-11 6'],
    ['where the week begins on Monday', '1997-08-05', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '1997-08 5,10,19,24'],
    ['where the week begins on Sunday', '1997-08-05', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '1997-08 5,17,19,31'],
    ['on days that a short month has not', '2007-01-15', 'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '2007-01 15,30 2007-02 15 2007-03 15,30'],
  ])('%s', (_what, start, rule, expected) => {
    expect(days(start, rule)).toEqual(dates(expected));
  });

  test('daily until Christmas, and not on it', () => {
    const walked = days('1997-09-02', 'FREQ=DAILY;UNTIL=19971224T000000Z');
    expect([walked.length, walked.at(-1)]).toEqual([113, '1997-12-23']);
  });
});

describe('a series without an end', () => {
  test.each([
    ['every other day', '1997-09-02', 'FREQ=DAILY;INTERVAL=2', '1997-09 2,4,6,8,10,12'],
    ['every day in January', '1998-01-30', 'FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA', '1998-01 30,31 1999-01 1,2'],
    ['every other week', '1997-09-02', 'FREQ=WEEKLY;INTERVAL=2;WKST=SU', '1997-09 2,16,30 1997-10 14,28 1997-11 11,25 1997-12 9,23 1998-01 6,20 1998-02 3'],
    ['on the third day before the end of the month', '1997-09-28', 'FREQ=MONTHLY;BYMONTHDAY=-3', '1997-09 28 1997-10 29 1997-11 28 1997-12 29 1998-01 29 1998-02 26'],
    ['on each Tuesday of every other month', '1997-09-02', 'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU', '1997-09 2,9,16,23,30 1997-11 4,11,18,25 1998-01 6,13,20,27 1998-03 3'],
    ['on the twentieth Monday of the year', '1997-05-19', 'FREQ=YEARLY;BYDAY=20MO', '1997-05 19 1998-05 18 1999-05 17'],
    ['on the Monday of week 20', '1997-05-12', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '1997-05 12 1998-05 11 1999-05 17'],
    ['on each Thursday in March', '1997-03-13', 'FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03 13,20,27 1998-03 5,12,19,26 1999-03 4'],
    ['on Friday the 13th, after a start that is none', '1997-09-02', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '1997-09 2 1998-02 13 1998-03 13 1998-11 13 1999-08 13 2000-10 13'],
    ['on the Saturday after the first Sunday', '1997-09-13', 'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '1997-09 13 1997-10 11 1997-11 8 1997-12 13 1998-01 10 1998-02 7 1998-03 7 1998-04 11 1998-05 9 1998-06 13'],
    ['on the day of the US presidential election', '1996-11-05', 'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8', '1996-11 5 2000-11 7 2004-11 2'],
    ['on the last weekday but one', '1997-09-29', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2', '1997-09 29 1997-10 30 1997-11 27 1997-12 30 1998-01 29 1998-02 26 1998-03 30'],
    ['on the last day, of leap years too', '2027-12-31', 'FREQ=MONTHLY;BYMONTHDAY=-1', '2027-12 31 2028-01 31 2028-02 29 2028-03 31 2028-04 30'],
    ['on the last day of February', '2026-02-28', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1', '2026-02 28 2027-02 28 2028-02 29 2029-02 28'],
    ['on 29 February, over a century that has none', '2096-02-29', 'FREQ=YEARLY', '2096-02 29 2104-02 29'],
    ['on the 366th day of the year', '2024-12-31', 'FREQ=YEARLY;BYYEARDAY=366', '2024-12 31 2028-12 31 2032-12 31'],
    ['in week 53', '2026-12-28', 'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO', '2026-12 28 2032-12 27 2037-12 28'],
    ['on the 31st', '2026-01-31', 'FREQ=MONTHLY', '2026-01 31 2026-03 31 2026-05 31 2026-07 31 2026-08 31'],
    ['every quarter on the 30th', '2025-11-30', 'FREQ=MONTHLY;INTERVAL=3', '2025-11 30 2026-05 30 2026-08 30 2026-11 30'],
  ])('%s', (_what, start, rule, expected) => {
    const wanted = dates(expected);
    expect(days(start, rule, wanted.length)).toEqual(wanted);
  });
});

describe('a series within the day', () => {
  test.each([
    ['every three hours until the afternoon', 'FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z', ['09:00', '12:00', '15:00']],
    ['every quarter of an hour', 'FREQ=MINUTELY;INTERVAL=15;COUNT=6', ['09:00', '09:15', '09:30', '09:45', '10:00', '10:15']],
    ['every hour and a half', 'FREQ=MINUTELY;INTERVAL=90;COUNT=4', ['09:00', '10:30', '12:00', '13:30']],
    ['twice a day', 'FREQ=DAILY;BYHOUR=9,17;COUNT=4', ['09:00', '17:00', '09:00', '17:00']],
    ['at minutes of an hour', 'FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40;COUNT=6', ['09:00', '09:20', '09:40', '10:00', '10:20', '10:40']],
  ])('%s', (_what, rule, expected) => {
    expect(walk('1997-09-02T09:00:00', NEW_YORK, rule, 10).map(({ at }) => at.slice(11, 16))).toEqual(expected);
  });
});

describe('when the clocks change, the time on the clock stays and the instant moves', () => {
  const instants = (at: string, zone: string, rule: string, most: number) => walk(at, zone, rule, most).map((due) => dueMoment(due).toInstant().toString());
  test.each([
    ['New York, spring', '2026-03-07T09:00', NEW_YORK, ['2026-03-07T14:00:00Z', '2026-03-08T13:00:00Z', '2026-03-09T13:00:00Z']],
    ['New York, autumn', '2026-10-31T09:00', NEW_YORK, ['2026-10-31T13:00:00Z', '2026-11-01T14:00:00Z', '2026-11-02T14:00:00Z']],
    ['Lord Howe, whose clocks move by half an hour', '2026-10-03T09:00', 'Australia/Lord_Howe', ['2026-10-02T22:30:00Z', '2026-10-03T22:00:00Z', '2026-10-04T22:00:00Z']],
    ['Kathmandu, which knows no summer time', '2026-03-28T09:00', 'Asia/Kathmandu', ['2026-03-28T03:15:00Z', '2026-03-29T03:15:00Z', '2026-03-30T03:15:00Z']],
    ['Santiago, where midnight is skipped', '2026-09-05T12:00', 'America/Santiago', ['2026-09-05T16:00:00Z', '2026-09-06T15:00:00Z', '2026-09-07T15:00:00Z']],
    ['an hour that comes twice means its first', '2026-10-31T01:30', NEW_YORK, ['2026-10-31T05:30:00Z', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z']],
    ['a second of the two goes on as the clock says', '2026-10-25T02:30+01:00', 'Europe/Zurich', ['2026-10-25T01:30:00Z', '2026-10-26T01:30:00Z', '2026-10-27T01:30:00Z']],
    ['an hour that is skipped has no task that day', '2026-03-07T02:30', NEW_YORK, ['2026-03-07T07:30:00Z', '2026-03-09T06:30:00Z', '2026-03-10T06:30:00Z']],
    ['Apia, which skipped a whole day', '2011-12-29T09:00', 'Pacific/Apia', ['2011-12-29T19:00:00Z', '2011-12-30T19:00:00Z', '2011-12-31T19:00:00Z']],
  ])('%s', (_where, at, zone, expected) => {
    expect(instants(at, zone, 'FREQ=DAILY', 3)).toEqual(expected);
  });

  test('an UNTIL is in UTC, whatever the zone: its last occurrence is the one that is not after it', () => {
    expect(instants('2026-11-23T09:00', 'Asia/Tokyo', 'FREQ=DAILY;UNTIL=20261125T000000Z', 9)).toEqual(['2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z']);
    expect(instants('2026-11-23T09:00', 'Asia/Tokyo', 'FREQ=DAILY;UNTIL=20261124T235959Z', 9)).toEqual(['2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z']);
  });

  test('a due date that was given as an instant comes back on its zone’s clock', () => {
    expect(walk('2026-10-24T07:00:00Z', 'Europe/Zurich', 'FREQ=DAILY', 3).slice(1)).toEqual([
      { at: '2026-10-25T09:00:00', zone: 'Europe/Zurich' },
      { at: '2026-10-26T09:00:00', zone: 'Europe/Zurich' },
    ]);
  });
});

describe('a task that is done very late', () => {
  const late = (at: string, recurrence: string, completedAt: string) => nextOccurrence({ due: { at, zone: 'Europe/Zurich' }, recurrence, completedAt });
  test.each([
    ['years later, on the next day', '2019-03-01T09:00', 'FREQ=DAILY', '2026-11-21T07:59:59Z', '2026-11-21T09:00:00'],
    ['exactly when the next is due, on the one after', '2026-11-20T09:00', 'FREQ=DAILY', '2026-11-21T08:00:00Z', '2026-11-22T09:00:00'],
    ['years later, in the right one of two weeks', '2024-01-01T09:00', 'FREQ=WEEKLY;INTERVAL=2', '2026-11-21T08:00:00Z', '2026-11-30T09:00:00'],
    ['after a leap day was missed', '2024-02-29T09:00', 'FREQ=YEARLY', '2026-11-21T08:00:00Z', '2028-02-29T09:00:00'],
    ['a year of quarters of an hour later', '2025-11-21T09:00', 'FREQ=MINUTELY;INTERVAL=15', '2026-11-21T08:01:00Z', '2026-11-21T09:15:00'],
    ['before it is due, after its due date all the same', '2026-12-01T09:00', 'FREQ=DAILY', '2026-11-21T08:00:00Z', '2026-12-02T09:00:00'],
  ])('comes back %s', (_what, at, rule, completedAt, expected) => {
    expect(late(at, rule, completedAt)?.due.at).toBe(expected);
  });

  test('has no successor when its end has passed meanwhile', () => {
    expect(late('2026-01-01T09:00', 'FREQ=DAILY;UNTIL=20260201', '2026-11-21T08:00:00Z')).toBeUndefined();
    expect(late('2026-01-01T09:00', 'FREQ=DAILY;COUNT=30', '2026-11-21T08:00:00Z')).toBeUndefined();
  });

  test('has used up of COUNT what it passed over, wherever COUNT stands in the rule', () => {
    expect(late('2026-11-01T09:00', 'COUNT=30;FREQ=DAILY', '2026-11-21T12:00:00Z')).toEqual({ due: { at: '2026-11-22T09:00:00', zone: 'Europe/Zurich' }, recurrence: 'COUNT=9;FREQ=DAILY' });
  });
});
