import type { ValueMap } from './value.ts';

/**
 * A chart's own values under those that were given, as Helm 4 lays them: maps deep, lists and all else replaced whole, and a
 * null takes a key of the chart's away. A null that stands for nothing of the chart's stays.
 */
export function mergeValues(own: ValueMap, given: ValueMap): ValueMap {
  const merged: ValueMap = new Map();
  for (const [key, value] of given) {
    const under = own.get(key) ?? null;
    if (value === null && own.has(key)) continue;
    // Nulls of the chart's own are gone below the top before anything is laid over them: there a null that is given stays.
    merged.set(key, value instanceof Map && under instanceof Map ? mergeValues(withoutNulls(under), value) : value);
  }
  for (const [key, value] of own) if (!given.has(key) && value !== null) merged.set(key, value instanceof Map ? withoutNulls(value) : value);
  return merged;
}

/** A null among a chart's own values says that a key may be given; for templates it is not there. */
function withoutNulls(map: ValueMap): ValueMap {
  return new Map([...map].filter(([, inner]) => inner !== null).map(([key, inner]) => [key, inner instanceof Map ? withoutNulls(inner) : inner]));
}
