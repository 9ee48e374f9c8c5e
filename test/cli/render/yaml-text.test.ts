import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '../../../cli/render/yaml-text.ts';

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
    value: fc.oneof({ depthSize: 'small' }, anyText, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      expect(parse(`value: ${yamlText(given)}\n`)).toEqual({ value: JSON.parse(JSON.stringify(given)) as unknown });
    }),
  );
});

describe('what would be read as something else is quoted', () => {
  test.each(['yes', 'No', 'on', 'OFF', 'y', 'N', 'true', 'False', 'null', '~', '', ' ', '1', '0x1f', '1e3', '12:30', '2026-11-21', '.inf', '- a', 'a: b', 'a #b', '*a', '&a', '!a', '%a', '@a', '`a', '{a}', '<<', '=', '---'])(
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
