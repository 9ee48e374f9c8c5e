import { Mistake, type Value } from '../value.ts';
import { type Callable, takes, takesMore } from './signature.ts';

/** Whole numbers. */
export const numbers: Readonly<Record<string, Callable>> = {
  int: takes(['any'], wholeOf),
  add: takesMore([], (_none, values) => values.map(wholeOf).reduce((sum, value) => sum + value, 0n)),
  sub: takes(['any', 'any'], (a, b) => wholeOf(a) - wholeOf(b)),
  mul: takesMore(['any'], ([first], values) => values.map(wholeOf).reduce((product, value) => product * value, wholeOf(first))),
  div: takes(['any', 'any'], (a, b) => wholeOf(a) / divisor(b)),
  mod: takes(['any', 'any'], (a, b) => wholeOf(a) % divisor(b)),
  max: takesMore(['any'], ([first], values) => values.map(wholeOf).reduce((most, value) => (value > most ? value : most), wholeOf(first))),
  min: takesMore(['any'], ([first], values) => values.map(wholeOf).reduce((least, value) => (value < least ? value : least), wholeOf(first))),
  until: takes(['int'], (count) => {
    if (count < 0) throw new Mistake('until counts from 0 up');
    return Array.from({ length: count }, (_none, index) => BigInt(index));
  }),
};

/** A value as a whole number, cut at its point. Sprig makes 0 of what is no number; that hides a mistake, so it is refused here. */
function wholeOf(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(Math.trunc(value));
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value === null) return 0n;
  if (typeof value === 'string' && /^-?(?:0|[1-9]\d*)$/.test(value)) return BigInt(value);
  throw new Mistake(`${typeof value === 'string' ? JSON.stringify(value) : 'this'} is not a whole number`);
}

function divisor(value: Value): bigint {
  const by = wholeOf(value);
  if (by === 0n) throw new Mistake('nothing can be divided by 0');
  return by;
}
