import { aKind, byBytes, isTrue, kindOf, Mistake, type Value } from '../value.ts';
import { type Callable, takes, takesMore } from './signature.ts';

/** Conditions and choices. */
export const logic: Readonly<Record<string, Callable>> = {
  not: takes(['any'], (value) => !isTrue(value)),
  eq: takesMore(['any', 'any'], ([value, other], more) => [other, ...more].some((one) => equal(value, one))),
  ne: takes(['any', 'any'], (a, b) => !equal(a, b)),
  lt: takes(['any', 'any'], (a, b) => order(a, b) < 0),
  le: takes(['any', 'any'], (a, b) => order(a, b) <= 0),
  gt: takes(['any', 'any'], (a, b) => order(a, b) > 0),
  ge: takes(['any', 'any'], (a, b) => order(a, b) >= 0),
  default: takes(['any', 'any'], (other, value) => (isTrue(value) ? value : other)),
  empty: takes(['any'], (value) => !isTrue(value)),
  coalesce: takesMore([], (_none, values) => values.find(isTrue) ?? null),
  ternary: takes(['any', 'any', 'bool'], (yes, no, condition) => (condition ? yes : no)),
  kindIs: takes(['string', 'any'], (kind, value) => {
    // Go has several kinds of whole numbers, this reader one.
    if (typeof value === 'bigint') throw new Mistake('kindIs cannot tell the kinds of whole numbers apart');
    return kindOf(value) === kind;
  }),
  required: takes(['string', 'any'], (why, value) => {
    if (value === null || value === '') throw new Mistake(why);
    return value;
  }),
  fail: takes(['string'], (why) => {
    throw new Mistake(why);
  }),
};

/** Values of different kinds are not compared, so that 1 of a template is never quietly unequal to 1 of the values. Nothing equals nothing. */
function equal(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (typeof a === 'object' || typeof a !== typeof b) throw uncompared(a, b);
  return a === b;
}

function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return byBytes(a, b);
  if ((typeof a === 'number' && typeof b === 'number') || (typeof a === 'bigint' && typeof b === 'bigint')) return a < b ? -1 : a > b ? 1 : 0;
  throw uncompared(a, b);
}

function uncompared(a: Value, b: Value): Mistake {
  return new Mistake(`${aKind(a)} and ${aKind(b)} cannot be compared`);
}
