import fc from 'fast-check';
import { expect, test } from 'vitest';
import { width, wrap } from '../../../cli/ui/wrap.ts';

test('breaks at spaces and hangs what follows under the first word', () => {
  expect(wrap('one two three four', 14, 'Why  ')).toBe('Why  one two\n     three\n     four');
});

test('the following lines may begin differently', () => {
  expect(wrap('one two three', 9, '* ', '  > ')).toBe('* one two\n  > three');
});

test('colours take no room', () => {
  expect(width('\u001b[31mred\u001b[39m')).toBe(3);
  expect(wrap('\u001b[31mred\u001b[39m hat', 7)).toBe('\u001b[31mred\u001b[39m hat');
});

test('line breaks in the text stay', () => {
  expect(wrap('one\n\ntwo', 80, '  ')).toBe('  one\n\n  two');
});

test('no line is longer than asked, unless a single word is', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 100 }), (given, columns) => {
      for (const line of wrap(given.join(' '), columns, '  ').split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }),
  );
});

test('no word is lost, changed or moved', () => {
  const words = fc.array(fc.stringMatching(/^\S{1,30}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 100 }), (given, columns) => {
      expect(wrap(given.join(' '), columns).split(/\s+/)).toEqual(given.join(' ').split(/\s+/));
    }),
  );
});
