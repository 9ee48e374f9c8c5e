import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { yamlBlock, YamlLines, yamlText } from '../../../cli/render/yaml-text.ts';
import { readableKey } from '../../support/json-values.ts';

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

test('any text comes back unchanged from a YAML parser, of version 1.1 and 1.2, as a value and as a key', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('1.1' as const, '1.2' as const), (text, version) => {
      expect(parse(`value: ${yamlText(text)}\n`, { version })).toEqual({ value: text });
      expect(parse(`- ${yamlText(text)}\n`, { version })).toEqual([text]);
      expect(parse(`${yamlText(text)}: 1\n`, { version, merge: false })).toEqual({ [text]: 1 });
    }),
    { numRuns: 2000 },
  );
});

test('so does any value of lists and maps', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, anyText, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value')), fc.dictionary(fc.string().filter(readableKey), tie('value'))),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      expect(parse(`value: ${yamlText(given)}\n`)).toEqual({ value: JSON.parse(JSON.stringify(given)) as unknown });
    }),
  );
});

test('so does what looks like a number with something behind or in it', () => {
  const digits = fc.stringMatching(/^[0-9]{0,3}$/);
  const number = fc
    .tuple(fc.constantFrom('', '', '', '-', '+', '.', '0'), digits, fc.constantFrom('', 'e', 'E', 'e-', 'e+', 'x', 'b', 'o', '_', ':', '.', '-', '.inf', '.nan'), digits, fc.constantFrom('', 'ms', 's', 'm', 'h', 'd', 'w', 'f'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(number, fc.constantFrom('1.1' as const, '1.2' as const), (text, version) => {
      expect(parse(`value: ${yamlText(text)}\nlist: [${yamlText(text)}]\n${yamlText(text)}: { a: ${yamlText(text)} }\n`, { version })).toEqual({ value: text, list: [text], [text]: { a: text } });
    }),
    { numRuns: 2000 },
  );
});

test('a duration stands plain, as it is written by hand', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w'), (count, unit) => {
      fc.pre(count < 1e9);
      expect(yamlText(`${count}${unit}`)).toBe(`${count}${unit}`);
    }),
  );
  expect(['0d', '007d', '999999999ms'].map(yamlText)).toEqual(['0d', '007d', '999999999ms']);
});

describe('what would be read as something else is quoted', () => {
  test.each(['yes', 'No', 'on', 'OFF', 'y', 'N', 'true', 'False', 'null', '~', '', ' ', '1', '0x1f', '1e3', '1e3s', '0x1d', '0b1', '0o7', '1_000', '1_000d', '1:30s', '1.5h', '-1d', '+1d', '1D', '1f', '7d ', '1234567890d', 'E0', 'e-5', '12:30', '2026-11-21', '.inf', '- a', 'a: b', 'a #b', '*a', '&a', '!a', '%a', '@a', '`a', '{a}', '<<', '=', '---'])(
    '%j',
    (text) => {
      expect(yamlText(text)).toBe(JSON.stringify(text));
    },
  );
});

test('what is safe beyond doubt is not', () => {
  expect(['pubsub', 'task-events.dlq', '/events/task-events', 'state.postgresql'].map(yamlText)).toEqual(['pubsub', 'task-events.dlq', '/events/task-events', 'state.postgresql']);
});

test('what another parser could take for a line’s end or refuse is escaped', () => {
  expect(yamlText('a\u2028b\u0085c\ufeffd\u007f\n\t')).toBe(String.raw`"a\u2028b\u0085c\ufeffd\u007f\n\t"`);
});

test.each([undefined, Number.NaN, Infinity, () => 1, Symbol('x'), 10n])('there is no word for %s', (value) => {
  expect(() => yamlText(value)).toThrow(TypeError);
});

describe('YAML that is written already', () => {
  test('stands among other values as it is, without the comments before it', () => {
    const object = '# Made by hand.\n\nkind: A # why\ntext: |\n  one\n\n  # two\nlist:\n- 1\n';
    const text = `objects:${yamlBlock({ all: [new YamlLines(object), { kind: 'B' }] }, 2)}\n`;
    expect(text).toBe('objects:\n  all:\n    - kind: A # why\n      text: |\n        one\n\n        # two\n      list:\n      - 1\n    - kind: B\n');
    expect(parse(text)).toEqual({ objects: { all: [parse(object), { kind: 'B' }] } });
  });

  test('means there what it meant alone', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.string().map((end) => `line\n${end}`), fc.array(fc.integer())), { minKeys: 1, noNullPrototype: true })), (objects) => {
        const written = objects.map((object) => new YamlLines(`# Made.\n${yamlBlock(object).slice(1)}\n`));
        expect(parse(`objects:${yamlBlock(written, 2)}\n`)).toEqual({ objects });
      }),
    );
  });
});
