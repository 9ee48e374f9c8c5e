import type { Consumed } from '../../kafka/consumed.ts';
import { globMatches } from './glob.ts';
import { holds } from './where/evaluate.ts';
import { parseWhere } from './where/parse.ts';

export interface FilterOptions {
  /** Record key, exactly. */
  key?: string | undefined;
  /** CloudEvent type, as a glob. */
  type?: string | undefined;
  /** --where expression. */
  where?: string | undefined;
}

export type Filter = (event: Consumed) => boolean;

/** The one question that all filters together ask; undefined when everything passes. Cheap questions come first. */
export function makeFilter({ key, type, where }: FilterOptions): Filter | undefined {
  const filters: Filter[] = [];
  if (key !== undefined) {
    const wanted = Buffer.from(key);
    filters.push(({ record }) => record.key?.equals(wanted) ?? false);
  }
  if (type !== undefined) filters.push((event) => event.type !== undefined && globMatches(type, event.type));
  if (where !== undefined) {
    const expression = parseWhere(where);
    filters.push((event) => holds(expression, event));
  }
  return filters.length === 0 ? undefined : (event) => filters.every((passes) => passes(event));
}
