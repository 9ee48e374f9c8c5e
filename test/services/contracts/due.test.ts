import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueMoment, dueOf } from '../../../services/contracts/due.ts';

describe('a due date names a moment', () => {
  test.each([
    ['a local time', '2026-11-24T09:00', 'Europe/Zurich', '2026-11-24T08:00:00Z'],
    ['a local time with seconds', '2026-11-24T09:00:30', 'America/New_York', '2026-11-24T14:00:30Z'],
    ['an instant', '2026-11-24T09:00:00Z', 'Asia/Tokyo', '2026-11-24T09:00:00Z'],
    ['an instant with an offset', '2026-11-24T09:00+05:30', 'UTC', '2026-11-24T03:30:00Z'],
    ['of an hour that comes twice, the first', '2026-10-25T02:30', 'Europe/Zurich', '2026-10-25T00:30:00Z'],
    ['of an hour that comes twice, the one that its offset names', '2026-10-25T02:30+01:00', 'Europe/Zurich', '2026-10-25T01:30:00Z'],
  ])('%s', (_what, at, zone, instant) => {
    expect(dueMoment({ at, zone }).toInstant().toString()).toBe(instant);
  });

  test.each([
    ['a day that is none', '2026-02-30T10:00', 'UTC', '2026-02-30T10:00 is not a date of the calendar.'],
    ['a day alone', '2026-02-20', 'UTC', 'Write the time as 2026-11-24T09:00, with an offset or Z if it is an instant.'],
    ['words', 'tomorrow', 'UTC', 'Write the time as 2026-11-24T09:00, with an offset or Z if it is an instant.'],
    ['a zone that is none', '2026-02-20T10:00', 'Mars/Olympus', 'Mars/Olympus is not a time zone; name one like Europe/Zurich.'],
    ['an hour that the clocks pass over', '2026-03-29T02:30', 'Europe/Zurich', '2026-03-29T02:30 does not exist in Europe/Zurich: its clocks go forward over it.'],
  ])('%s is refused in plain words', (_what, at, zone, message) => {
    expect(() => dueMoment({ at, zone })).toThrow(new RangeError(message));
  });

  test.each([
    ['an ordinary moment as its local time', '2026-11-24T08:00:00Z', 'Europe/Zurich', '2026-11-24T09:00:00'],
    ['the first of an hour that comes twice too', '2026-10-25T00:30:00Z', 'Europe/Zurich', '2026-10-25T02:30:00'],
    ['the second with its offset, or it would be the first', '2026-10-25T01:30:00Z', 'Europe/Zurich', '2026-10-25T02:30:00+01:00'],
    ['where the clocks go back by half an hour', '2026-04-04T15:15:00Z', 'Australia/Lord_Howe', '2026-04-05T01:45:00+10:30'],
  ])('is written of %s', (_what, instant, zone, at) => {
    expect(dueOf(Temporal.Instant.from(instant).toZonedDateTimeISO(zone))).toEqual({ at, zone });
  });

  test('a moment survives being written as a due date, in any zone and at any change of clocks', () => {
    const zones = ['UTC', 'Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 946_684_800, max: 2_524_608_000 }), (zone, seconds) => {
        const moment = Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(zone);
        expect(dueMoment(dueOf(moment)).equals(moment)).toBe(true);
      }),
    );
  });
});
