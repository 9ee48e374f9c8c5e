import type { Value, ValueMap } from './value.ts';

/**
 * A chart's own values under those that were given, as Helm 4 lays them: maps deep, lists and all else replaced whole, and a
 * null takes a key of the chart's away. A null that stands for nothing of the chart's stays.
 */
export function mergeValues(own: ValueMap, given: ValueMap): ValueMap {
  const merged: ValueMap = new Map();
  for (const [key, value] of given) {
    const under = own.get(key) ?? null;
    if (value === null && (under !== null || own.has(key))) continue;
    merged.set(key, value instanceof Map && under instanceof Map ? mergeValues(under, value) : value);
  }
  for (const [key, value] of own) if (!given.has(key) && value !== null) merged.set(key, withoutNulls(value));
  return merged;
}

/** A null among a chart's own values says that a key may be given; for templates it is not there. */
function withoutNulls(value: Value): Value {
  if (!(value instanceof Map)) return value;
  return new Map([...value].filter(([, inner]) => inner !== null).map(([key, inner]) => [key, withoutNulls(inner)]));
}
