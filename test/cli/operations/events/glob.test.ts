import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatches, isGlob } from '../../../../cli/operations/events/glob.ts';

test.each([
  ['task-*', 'task-events', true], ['task-*', 'task-', true], ['task-*', 'tasks', false], ['*', '', true], ['', '', true], ['', 'a', false], ['?', 'a', true], ['?', '', false],
  ['*.created.v?', 'task.created.v1', true], ['*.created.v?', 'task.created.v10', false], ['task.*.v1', 'taskXcreated.v1', false], ['a*b*c', 'a-b-b-c', true], ['a**c', 'ac', true], ['[a]', 'a', false],
])('%j and %j: %s', (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test('agrees with a regular expression', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab*?'), maxLength: 8 }), fc.string({ unit: fc.constantFrom(...'ab'), maxLength: 10 }), (pattern, text) => {
      const regex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(globMatches(pattern, text)).toBe(regex.test(text));
    }),
    { numRuns: 500 },
  );
});

test('many stars take no exponential time', () => {
  expect(globMatches('*a'.repeat(30) + 'b', 'a'.repeat(5000))).toBe(false);
});

test('only stars and question marks make a glob', () => {
  expect(['task-events', 'task-*', 'task?', 'a.b'].map(isGlob)).toEqual([false, true, true, false]);
});
