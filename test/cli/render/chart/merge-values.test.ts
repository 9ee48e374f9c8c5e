import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeValues } from '../../../../cli/render/chart/merge-values.ts';
import { asMap, type Value, valueOf } from '../../../../cli/render/chart/value.ts';

function plain(value: Value): unknown {
  return value instanceof Map ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)])) : value;
}

function merged(own: object, given: object): unknown {
  return plain(mergeValues(asMap(valueOf(own)), asMap(valueOf(given))));
}

describe('values over a chart’s own', () => {
  test.each([
    ['maps are laid over each other', { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
    ['lists are replaced whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['a null takes a key away', { a: 1, b: { c: 2, d: 3 } }, { a: null, b: { c: null } }, { b: { d: 3 } }],
    ['a null that stands for nothing stays', { a: { b: 1 } }, { c: null, a: { d: null } }, { c: null, a: { b: 1, d: null } }],
    ['a null of the chart’s own is nothing', { a: null, b: { c: null, d: 1 } }, {}, { b: { d: 1 } }],
    ['a null over a null is nothing at the top', { a: null }, { a: null }, {}],
    ['and stays below it', { a: { b: null } }, { a: { b: null } }, { a: { b: null } }],
    ['a map takes the place of what is none', { a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
    ['what is no map takes the place of one', { a: { b: 2 } }, { a: 1 }, { a: 1 }],
  ])('%s', (_title, own, given, result) => {
    expect(merged(own, given)).toEqual(result);
  });

  test('nothing given changes nothing, and all given is all there is of its keys', () => {
    const flat = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.boolean()), { noNullPrototype: true });
    fc.assert(
      fc.property(flat, flat, (own, given) => {
        expect(merged(own, {})).toEqual(own);
        expect(merged({}, given)).toEqual(given);
        expect(merged(own, given)).toEqual({ ...own, ...given });
      }),
    );
  });
});
