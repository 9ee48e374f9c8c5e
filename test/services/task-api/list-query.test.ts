import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldError, Problem } from '../../../services/kit/http/problem.ts';
import { readListQuery, type ListQuery } from '../../../services/task-api/list.ts';

const read = (query: string | Record<string, string>): ListQuery => readListQuery(new URLSearchParams(query));
/** The parameters that are named as wrong, with what is said of each. */
function refused(query: string | Record<string, string>): readonly FieldError[] {
  try {
    read(query);
  } catch (error) {
    const { status, options } = error as Problem;
    expect(status).toBe(400);
    return options.errors ?? [];
  }
  throw new Error(`${JSON.stringify(query)} was accepted`);
}
const named = (query: string | Record<string, string>) => refused(query).map(({ pointer }) => pointer);

describe('the parameters of a list', () => {
  test('may all be left out: fifty of all tasks', () => {
    expect(read('')).toEqual({ filter: { tags: [] }, limit: 50 });
  });

  test('are what they say, and a tag may stand several times', () => {
    expect(read('completed=false&priority=low&tag=a&tag=b&q=x&limit=200')).toEqual({ filter: { completed: false, priority: 'low', tags: ['a', 'b'], q: 'x' }, limit: 200 });
  });

  test.each(['0', '201', '-1', '1.5', '1e2', ' 5', '', 'ten', '9999999', '٣'])('a limit of %j is none', (limit) => {
    expect(refused({ limit })).toEqual([{ pointer: 'limit', detail: 'A number from 1 to 200.' }]);
  });

  test.each(['TRUE', '1', 'yes', ''])('completed is true or false, not %j', (completed) => {
    expect(refused({ completed })).toEqual([{ pointer: 'completed', detail: 'true or false.' }]);
  });

  test.each(['High', 'urgent', ''])('a priority of %j is none', (priority) => {
    expect(named({ priority })).toEqual(['priority']);
  });

  test('each unknown one is named once, however often it stands', () => {
    expect(named('colour=red&colour=blue&__proto__=x&constructor=y')).toEqual(['colour', '__proto__', 'constructor']);
  });

  test('a text to look for has at most 200 characters', () => {
    expect(read({ q: 'x'.repeat(200) }).filter.q).toHaveLength(200);
    expect(refused({ q: 'x'.repeat(201) })).toEqual([{ pointer: 'q', detail: 'At most 200 characters.' }]);
  });

  test('an empty text to look for is none', () => {
    expect(read('q=').filter).toEqual({ tags: [] });
  });
});

describe('a cursor', () => {
  const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

  test.each([
    ['empty', ''],
    ['not base64', '%%%'],
    ['not JSON', encode('hello')],
    ['not a list', encode({ version: 1 })],
    ['null', encode('null')],
    ['an empty list', encode([])],
    ['another version', encode([2, '2026-11-21T10:00:00.000Z', 'id', 'sum'])],
    ['without a time', encode([1, 7, 'id', 'sum'])],
    ['with a time that is none', encode([1, 'yesterday', 'id', 'sum'])],
    ['without an id', encode([1, '2026-11-21T10:00:00.000Z', null, 'sum'])],
    ['of other filters', encode([1, '2026-11-21T10:00:00.000Z', 'id', 'sum'])],
    ['very long', encode('['.repeat(5000))],
  ])('that is %s is refused', (_what, cursor) => {
    expect(refused({ cursor })).toEqual([{ pointer: 'cursor', detail: 'It is not one that this list gave for these filters.' }]);
  });

  test('whatever is sent as one, it is refused as the caller’s mistake and not ours', () => {
    const anything = fc.oneof(fc.string(), fc.json().map(encode), fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')));
    fc.assert(
      fc.property(anything, (cursor) => {
        expect(named({ cursor })).toEqual(['cursor']);
      }),
    );
  });
});
