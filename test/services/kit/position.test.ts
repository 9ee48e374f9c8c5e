import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePositions, isPosition } from '../../../services/kit/event-store.ts';

const position = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));

describe('a position', () => {
  it.each(['0-0', '812-40', '18446744073709551615-9223372036854775807'])('may be %s', (text) => {
    expect(isPosition(text)).toBe(true);
  });

  it.each(['', '1', '-', '1-', '-1', '01-2', '1-2-3', ' 1-2', '1-2\n', '1-a', '1.0-2', '18446744073709551616-0', '0-9223372036854775808', '1-2; DROP'])('is not %j', (text) => {
    expect(isPosition(text)).toBe(false);
  });

  it('is ordered by transaction, then by place in it, beyond what a double can hold', () => {
    fc.assert(
      fc.property(position, position, ([ax, ap], [bx, bp]) => {
        const expected = ax === bx ? (ap === bp ? 0 : ap < bp ? -1 : 1) : ax < bx ? -1 : 1;
        expect(comparePositions(`${ax}-${ap}`, `${bx}-${bp}`)).toBe(expected);
      }),
    );
  });

  it('that is none is refused, not compared', () => {
    expect(() => comparePositions('1-1', 'nonsense')).toThrow(RangeError);
  });
});
