import { collections } from './collections.ts';
import { logic } from './logic.ts';
import { numbers } from './numbers.ts';
import type { Callable } from './signature.ts';
import { text } from './text.ts';
import { writing } from './writing.ts';

/**
 * Every function that templates may call, but `include`, `and` and `or`, which the evaluator has: Go's own, Sprig's and Helm's, under
 * their names and with their answers. What could answer something else tomorrow (`now`, `randAlphaNum`) is not among them.
 */
export const FUNCTIONS: ReadonlyMap<string, Callable> = new Map(Object.entries({ ...collections, ...logic, ...numbers, ...text, ...writing }));
