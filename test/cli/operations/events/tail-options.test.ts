import { describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { boundsOf, type TailFlags } from '../../../../cli/operations/events/tail-options.ts';
import { parseWhen } from '../../../../cli/operations/events/when.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const flags = (more: Partial<TailFlags>): TailFlags => ({ topics: ['t'], follow: true, format: 'raw', ...more });
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as TodoctlError).code;
  }
  return 'nothing';
};

describe('a time', () => {
  test.each([
    ['10m', '2026-11-21T11:50:00.000Z'], ['1h30m', '2026-11-21T10:30:00.000Z'], ['2d', '2026-11-19T12:00:00.000Z'], ['0s', '2026-11-21T12:00:00.000Z'],
    ['2026-11-21T10:00Z', '2026-11-21T10:00:00.000Z'], ['2026-11-21T10:00:05.25+01:00', '2026-11-21T09:00:05.250Z'], ['2026-11-21 10:00Z', '2026-11-21T10:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(parseWhen(text, NOW, '--since')).toISOString()).toBe(expected);
  });

  test('without a zone is local, a day its local midnight', () => {
    expect(parseWhen('2026-11-21T10:00', NOW, '--since')).toBe(new Date(2026, 10, 21, 10).getTime());
    expect(parseWhen('2026-11-21', NOW, '--since')).toBe(new Date(2026, 10, 21).getTime());
  });

  test.each(['yesterday', '10', '-5m', '1.5h', '10 m', '2026-02-30', '2026-13-01', '2026-11-21T25:00', '21.11.2026', '', '12345678'])('%j is none', (text) => {
    expect(code(() => parseWhen(text, NOW, '--since'))).toBe('TODOCTL_TIME_SYNTAX');
  });
});

describe('where reading starts', () => {
  test.each([
    ['following', {}, { at: 'last', count: 10 }],
    ['not following', { follow: false }, { at: 'beginning' }],
    ['following what is filtered', { where: 'a=1' }, { at: 'end' }],
    ['--from beginning', { from: 'beginning' }, { at: 'beginning' }],
    ['--from end', { from: 'end' }, { at: 'end' }],
    ['--from 17', { from: '17' }, { at: 'offset', offset: 17 }],
    ['--last 5', { last: 5, where: 'a=1' }, { at: 'last', count: 5 }],
    ['--since 1h', { since: '1h' }, { at: 'time', time: NOW - 3_600_000 }],
  ])('%s', (_, more, start) => {
    expect(boundsOf(flags(more), NOW).start).toEqual(start);
  });

  test.each(['begin', '-1', '1.5', '1e3', '9'.repeat(20)])('--from %s is refused', (from) => {
    expect(code(() => boundsOf(flags({ from }), NOW))).toBe('TODOCTL_USAGE');
  });
});

describe('where it stops', () => {
  test('a past --until is not followed, a future one is', () => {
    expect(boundsOf(flags({ until: '5m' }), NOW)).toEqual({ start: { at: 'beginning' }, until: NOW - 300_000, follow: false });
    expect(boundsOf(flags({ until: '2026-11-21T13:00Z' }), NOW)).toMatchObject({ until: NOW + 3_600_000, follow: true });
  });

  test('a --since in the future is refused', () => {
    expect(code(() => boundsOf(flags({ since: '2026-11-21T12:00:01Z' }), NOW))).toBe('TODOCTL_TIME_IN_FUTURE');
    expect(code(() => boundsOf(flags({ since: '2026-11-21T12:00:00Z' }), NOW))).toBe('nothing');
  });

  test('an --until before --since is refused', () => {
    expect(code(() => boundsOf(flags({ since: '5m', until: '10m' }), NOW))).toBe('TODOCTL_TIME_ORDER');
  });
});
