import { aKind, byBytes, entriesOf, kindOf, Mistake, textOf, type Value, type ValueMap } from '../value.ts';
import { type Callable, takes, takesMore } from './signature.ts';

/** Lists and maps. None is changed: a function answers a new one. */
export const collections: Readonly<Record<string, Callable>> = {
  list: takesMore([], (_none, values) => values),
  dict: takesMore([], (_none, values) => dict(values)),
  get: takes(['map', 'string'], (map, key) => (map.has(key) ? (map.get(key) ?? null) : '')),
  hasKey: takes(['map', 'string'], (map, key) => map.has(key)),
  // Sprig's order is Go's of maps, which is any; sorted is one of them, and the same every time.
  keys: takesMore(['map'], ([first], more) => [first, ...more.map(mapIn)].flatMap((map) => entriesOf(map).map(([key]) => key))),
  values: takesMore(['map'], ([first], more) => [first, ...more.map(mapIn)].flatMap((map) => entriesOf(map).map(([, value]) => value))),
  pick: takesMore(['map'], ([map], keys) => new Map([...map].filter(([key]) => keys.includes(key)))),
  omit: takesMore(['map'], ([map], keys) => new Map([...map].filter(([key]) => !keys.includes(key)))),
  index: takesMore(['any'], ([from], path) => path.reduce(itemAt, from)),
  len: takes(['any'], (value) => BigInt(lengthOf(value))),
  first: takes(['list'], (list) => list[0] ?? null),
  last: takes(['list'], (list) => list.at(-1) ?? null),
  append: takes(['list', 'any'], (list, value) => [...list, value]),
  concat: takesMore([], (_none, lists) => lists.flatMap((list) => listIn('concat', list))),
  has: takes(['any', 'any'], (value, list) => list !== null && listIn('has', list).some((item) => same(item, value))),
  uniq: takes(['list'], (list) => list.filter((item, index) => list.findIndex((other) => same(other, item)) === index)),
  sortAlpha: takes(['any'], (list) => texts(list).sort(byBytes)),
  join: takes(['string', 'any'], (separator, list) => texts(list).join(separator)),
  splitList: takes(['string', 'string'], (separator, text) => text.split(separator)),
  // Without a cluster Helm finds nothing either.
  lookup: takes(['string', 'string', 'string', 'string'], () => new Map()),
};

function dict(values: readonly Value[]): ValueMap {
  if (values.length % 2 === 1) throw new Mistake('dict wants a value for each key');
  const map: ValueMap = new Map();
  for (let at = 0; at < values.length; at += 2) map.set(textOf(values[at] ?? null), values[at + 1] ?? null);
  return map;
}

function mapIn(value: Value): ValueMap {
  if (value instanceof Map) return value;
  throw new Mistake('keys and values want maps');
}

function listIn(name: string, value: Value): Value[] {
  if (Array.isArray(value)) return value;
  throw new Mistake(`${name} wants a list, not ${aKind(value)}`);
}

/** A key that a map lacks is nothing; a place that a list lacks is a mistake. */
function itemAt(from: Value, key: Value): Value {
  if (from instanceof Map && typeof key === 'string') return from.get(key) ?? null;
  if (Array.isArray(from) && typeof key === 'bigint') {
    const item = key < 0n ? undefined : from[Number(key)];
    if (item === undefined) throw new Mistake(`the list has no place ${key}`);
    return item;
  }
  throw new Mistake(`${aKind(from)} has no index of kind ${kindOf(key)}`);
}

/** Of a text its bytes, as in Go. */
function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw new Mistake(`${aKind(value)} has no length`);
}

function texts(list: Value): string[] {
  if (list === null) return [];
  return Array.isArray(list) ? list.filter((item) => item !== null).map(textOf) : [textOf(list)];
}

function same(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => same(item, b[index] ?? null));
  if (a instanceof Map && b instanceof Map) return a.size === b.size && [...a].every(([key, item]) => b.has(key) && same(item, b.get(key) ?? null));
  return a === b;
}
