import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../cli/sidecar/precise-json.ts';
import { jsonValues } from '../../support/json-values.ts';

describe('JSON that keeps its digits', () => {
  it.each(['12345678901234567890', '-9007199254740993', '0.12345678901234567890', '1e400'])('writes %s as it read it', (number) => {
    expect(JSON.stringify(parseJson(`{"padding-so-long-it-is-precise":1234567890123456789,"n":[${number}]}`))).toContain(`"n":[${number}]`);
  });

  it('is JSON.parse for every ordinary value', () => {
    fc.assert(fc.property(jsonValues(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
    }));
  });

  it('throws a SyntaxError for what is no JSON', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
    expect(() => parseJson('{"a": 12345678901234567890')).toThrow(SyntaxError);
  });
});
