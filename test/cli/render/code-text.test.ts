import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { codeText, codeWord } from '../../../cli/render/code-text.ts';

test('a value in code is read back as it was', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.array(fc.string({ unit: 'binary' }))), (value) => {
      expect(JSON.stringify(runInNewContext(`(${codeText(value)})`))).toBe(JSON.stringify(value));
    }),
  );
});

test('texts stand in single quotes', () => {
  expect(codeText(['task-events', `it's "so" \\ \n`])).toBe(`['task-events', 'it\\'s "so" \\\\ \\n']`);
});

describe('a word', () => {
  test.each(['billing', 'task-mailer', '_x2'])('%s stands as it is', (word) => expect(codeWord(word)).toBe(word));
  test.each(['', 'a b', "a'", '2x', 'a;b', '`', 7, null])('%j is refused', (word) => expect(() => codeWord(word)).toThrow(TypeError));
});
