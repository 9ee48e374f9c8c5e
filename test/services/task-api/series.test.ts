import { describe, expect, test } from 'vitest';
import type { Due } from '../../../services/contracts/task.ts';
import { fieldFaults } from '../../../services/task-api/series.ts';

const zurich = (at: string): Due => ({ at, zone: 'Europe/Zurich' });
const MONDAY = zurich('2026-11-23T09:00');

describe('a due date and a rule that go together', () => {
  test.each<[string, Due | null, string | null]>([
    ['neither', null, null],
    ['a date alone', MONDAY, null],
    ['a rule that names its start', MONDAY, 'FREQ=WEEKLY;BYDAY=MO'],
    ['a rule that does not name its start', MONDAY, 'FREQ=WEEKLY;BYDAY=TU'],
    ['a rule that comes only on 29 February', MONDAY, 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29'],
    ['a rule of a single task', MONDAY, 'FREQ=DAILY;COUNT=1'],
    ['a rule that has ended already', MONDAY, 'FREQ=DAILY;UNTIL=20200101'],
    ['the second of an hour that comes twice', zurich('2026-10-25T02:30+01:00'), 'FREQ=DAILY'],
  ])('%s has no fault', (_what, due, recurrence) => {
    expect(fieldFaults({ due, recurrence })).toEqual([]);
  });
});

describe('a fault is said at its field', () => {
  test.each<[string, Due | null, string | null, string, string]>([
    ['a rule without a start', null, 'FREQ=DAILY', '/due', 'A task that repeats needs a due date: its rule starts there.'],
    ['a day that is none', zurich('2026-02-29T09:00'), null, '/due/at', '2026-02-29T09:00 is not a date of the calendar.'],
    ['an hour that is none', zurich('2026-02-28T25:00'), null, '/due/at', '2026-02-28T25:00 is not a date of the calendar.'],
    ['an hour that the clocks pass over', zurich('2026-03-29T02:30'), null, '/due/at', '2026-03-29T02:30 does not exist in Europe/Zurich: its clocks go forward over it.'],
    ['a zone that is none', { at: '2026-11-23T09:00', zone: 'Europe/Zuerich' }, 'FREQ=DAILY', '/due/zone', 'Europe/Zuerich is not a time zone; name one like Europe/Zurich.'],
    ['an empty zone', { at: '2026-11-23T09:00', zone: '' }, null, '/due/zone', ' is not a time zone; name one like Europe/Zurich.'],
    ['30 February for ever', MONDAY, 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '/recurrence', 'The rule names no day that exists.'],
    ['31 June for ever', MONDAY, 'FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=31', '/recurrence', 'The rule names no day that exists.'],
    ['the two-hundredth day of the year in May', MONDAY, 'FREQ=YEARLY;BYMONTH=5;BYYEARDAY=200', '/recurrence', 'The rule names no day that exists.'],
    ['an unknown part', MONDAY, 'FREQ=DAILY;COLOUR=RED', '/recurrence', 'COLOUR is not a part of a recurrence rule.'],
  ])('%s', (_what, due, recurrence, pointer, detail) => {
    expect(fieldFaults({ due, recurrence })).toEqual([{ pointer, detail }]);
  });

  test.each(['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=31', 'FREQ=SECONDLY;BYMONTH=4;BYMONTHDAY=31'])(
    '%s, which never fires, is answered at once',
    (recurrence) => {
      const began = performance.now();
      expect(fieldFaults({ due: MONDAY, recurrence }).map(({ pointer }) => pointer)).toEqual(['/recurrence']);
      expect(performance.now() - began).toBeLessThan(1500);
    },
  );
});
