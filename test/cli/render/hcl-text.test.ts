// HCL that is written from values is read back unchanged, whatever a text holds, and looks as `terraform fmt` leaves it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hclBlock, hclText } from '../../../cli/render/hcl-text.ts';
import { literalOf, misformatted } from '../../support/hcl.ts';

/** Any text that Unicode knows; half a surrogate pair is none. */
const text = fc.string({ unit: 'binary', maxLength: 30 });
const nasty = fc.constantFrom('${', '$${', '%{', '%%{', '\\', '"', '\n', '\r\n', '\t', '#', '//', 'null', 'true', '\u0000', '\u2028', '\ufeff', 'ü', '🙂');
const texts = fc.oneof(text, fc.array(fc.oneof(nasty, text), { maxLength: 6 }).map((parts) => parts.join('')));
const scalar = fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(texts, tie('value'), { maxKeys: 4, noNullPrototype: true })),
}));

/** Order of keys does not matter to HCL, and `__proto__` is a key like any other. */
const plain = (given: unknown): string => JSON.stringify(given);

describe('a value on one line', () => {
  test('is read back unchanged', () => {
    fc.assert(fc.property(value, (given) => void expect(plain(literalOf(hclText(given)))).toBe(plain(given))), { numRuns: 500 });
  });

  test('has no second line and no template', () => {
    fc.assert(
      fc.property(value, (given) => {
        const written = hclText(given);
        expect(written).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(written.replaceAll(/(?:\$\$|%%)\{/g, '')).not.toMatch(/[$%]\{/);
      }),
    );
  });

  test.each([
    ['${var.token}', '"$${var.token}"'],
    ['%{ if true }', '"%%{ if true }"'],
    ['a "b" \\ c', String.raw`"a \"b\" \\ c"`],
    ['two\nlines', String.raw`"two\nlines"`],
    [7, '7'],
    [null, 'null'],
    [[], '[]'],
    [{}, '{}'],
    [['a', 1], '["a", 1]'],
    [{ plain: 1, 'with.dot': 2, null: 3 }, '{ plain = 1, "with.dot" = 2, "null" = 3 }'],
  ])('%j is %s', (given, written) => {
    expect(hclText(given)).toBe(written);
  });

  test.each([[undefined], [Number.NaN], [() => 1], [{ inner: undefined }]])('there is no word for %s', (given) => {
    expect(() => hclText(given)).toThrow(TypeError);
  });
});

describe('a value on lines of its own', () => {
  test('is read back unchanged, as deep as it stands', () => {
    fc.assert(fc.property(value, fc.integer({ min: 0, max: 8 }), (given, indent) => void expect(plain(literalOf(hclBlock(given, indent)))).toBe(plain(given))));
  });

  test('stands as `terraform fmt` wants it', () => {
    const names = fc.stringMatching(/^[a-z][a-z.-]{0,12}$/);
    fc.assert(fc.property(fc.dictionary(names, fc.integer(), { maxKeys: 6 }), (given) => void expect(misformatted(`x = ${hclBlock(given)}\n`)).toEqual([])));
  });

  test('has its signs of equality below each other and one entry per line', () => {
    expect(hclBlock({ a: 1, 'task-events.dlq': { b: 2 } }, 2)).toBe('{\n    a                 = 1\n    "task-events.dlq" = { b = 2 }\n  }');
    expect(hclBlock(['a', 'b'])).toBe('[\n  "a",\n  "b",\n]');
  });

  test.each([[{}, '{}'], [[], '[]'], ['text', '"text"'], [null, 'null']])('%j stays beside its name', (given, written) => {
    expect(hclBlock(given, 2)).toBe(written);
  });
});
