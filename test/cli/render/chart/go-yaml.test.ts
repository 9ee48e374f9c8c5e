// The bytes are held to Helm's in test/real/helm.real.test.ts; here that they mean what they were made from.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { quoteString, readString } from '../../../../cli/render/chart/go-string.ts';
import { toYaml } from '../../../../cli/render/chart/go-yaml.ts';
import { byBytes, entriesOf, floatText, Mistake, valueOf } from '../../../../cli/render/chart/value.ts';
import { yamlValues } from './yaml-values.ts';

const written = (value: unknown): string => toYaml(valueOf(value));

describe('toYaml', () => {
  test('any value comes back from a YAML parser', () => {
    fc.assert(
      fc.property(yamlValues, (value) => {
        // Helm takes the last line's end away, which only a text of several lines can miss.
        expect(parse(`${written(value)}\n`)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('it does so below a key, too', () => {
    fc.assert(
      fc.property(yamlValues, fc.integer({ min: 1, max: 9 }), (value, spaces) => {
        const pad = ' '.repeat(spaces);
        expect(parse(`key:\n${pad}${written([value]).replaceAll('\n', `\n${pad}`)}\n`)).toEqual({ key: [JSON.parse(JSON.stringify(value))] });
      }),
    );
  });

  test.each([
    [{ b: 1, a: [1, { c: 2, d: [] }], 'A b': {} }, 'A b: {}\na:\n- 1\n- c: 2\n  d: []\nb: 1'],
    [[[1, 2], [[3]]], '- - 1\n  - 2\n- - - 3'],
    [{ a10: 1, a2: 2, a: 3, 1: 4, 10: 5, 2: 6, Z: 7, _: 8 }, '_: 8\n"1": 4\n"2": 6\n"10": 5\nZ: 7\na: 3\na2: 2\na10: 1'],
    [{ text: 'a\nb\n', bare: 'a\nb', more: 'a\n\n', lead: ' a\nb' }, 'bare: |-\n  a\n  b\nlead: |2-\n   a\n  b\nmore: |+\n  a\n\ntext: |\n  a\n  b'],
    [['true', '1', 'null', '', '~', '1:30', '2026-11-21', 'a: b', "it's", '- a', 'a #b', ' a', 'a\tb', '😀'], `- "true"\n- "1"\n- "null"\n- ""\n- "~"\n- "1:30"\n- "2026-11-21"\n- 'a: b'\n- it's\n- '- a'\n- 'a #b'\n- ' a'\n- "a\\tb"\n- "\\U0001F600"`],
    [{ '\\': 1 }, '\\: 1'],
    [{ long: 'word '.repeat(20).trim() }, `long: ${'word '.repeat(16).trim()}\n  ${'word '.repeat(4).trim()}`],
  ])('%j', (value, text) => {
    expect(written(value)).toBe(text);
  });

  test('what Helm would lose is refused', () => {
    for (const lost of ['\u0085', '\u2028', '\ufeff', '\u007f']) expect(() => written({ a: `x${lost}y` })).toThrow(Mistake);
  });
});

describe('texts in Go’s quotes', () => {
  test('come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readString(quoteString(text))).toBe(text);
      }),
    );
  });

  test('are read by YAML as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parse(`a: ${quoteString(text)}`)).toEqual({ a: text });
      }),
    );
  });

  test.each(['"\\q"', '"\\ud800"', '"\\U00110000"', '"\\xff"'])('that are none: %s', (literal) => {
    expect(readString(literal)).toBeUndefined();
  });
});

describe('numbers', () => {
  test.each([
    [0, '0'],
    [8080, '8080'],
    [999_999, '999999'],
    [1_000_000, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.000_01, '1e-05'],
    [-2.5, '-2.5'],
    [1e21, '1e+21'],
  ])('%d', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  test('say the number that they are', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(floatText(value))).toBe(value);
      }),
    );
  });
});

test('keys are walked through by their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (keys) => {
      const walked = [...keys].sort(byBytes).map((key) => Buffer.from(key));
      expect(walked).toEqual([...walked].sort(Buffer.compare.bind(Buffer)));
    }),
  );
  expect(entriesOf(new Map([['b', 1], ['a', 2], ['\uffff', 3], ['😀', 4]])).map(([key]) => key)).toEqual(['a', 'b', '\uffff', '😀']);
});

test('values of a file have no keys but their own', () => {
  expect(valueOf({ a: undefined, b: null, c: { __proto__: { d: 1 } } })).toEqual(new Map([['b', null], ['c', new Map()]]));
  expect(() => valueOf({ a: Number.NaN })).toThrow(Mistake);
  expect(() => valueOf([() => 1])).toThrow(Mistake);
});
