import type { Consumed } from '../../../kafka/consumed.ts';
import type { Expression, Literal, Operator, Path } from './expression.ts';

/** True when an event is what a --where expression asks for. A list matches when one of its items does. */
export function holds(expression: Expression, event: Consumed): boolean {
  switch (expression.is) {
    case 'and':
      return expression.parts.every((part) => holds(part, event));
    case 'or':
      return expression.parts.some((part) => holds(part, event));
    case 'not':
      return !holds(expression.part, event);
    case 'present':
      return present(look(expression.path, event));
    case 'compare': {
      const { operator, value } = expression;
      const found = look(expression.path, event);
      return operator === '!=' ? !compare(found, '=', value) : compare(found, operator, value);
    }
  }
}

/** There, and neither null nor false nor an empty list. */
function present(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false;
}

function look(path: Path, event: Consumed): unknown {
  switch (path.of) {
    case 'value':
      return event.field(path.names);
    case 'key':
      return event.record.key?.toString() ?? null;
    case 'offset':
      return event.record.offset;
    case 'header':
      return event.record.headers.filter(({ key }) => key === path.name).map(({ value }) => value?.toString() ?? null);
    default:
      return event[path.of];
  }
}

function compare(found: unknown, operator: Exclude<Operator, '!='>, value: Literal): boolean {
  if (Array.isArray(found)) return found.some((item) => compare(item, operator, value));
  if (operator === '=') return equal(found, value);
  if (found === undefined || found === null) return false;
  if (operator === '~') return plain(found).toLowerCase().includes(value.text.toLowerCase());
  const order = orderOf(found, value);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** `=null` also holds where the field is missing. Unquoted values equal what they look like: 5 equals 5 and "5". */
function equal(found: unknown, { text, quoted }: Literal): boolean {
  if (found === undefined || found === null) return !quoted && text === 'null';
  if (typeof found === 'number' && !quoted) return found === Number(text);
  return plain(found) === text;
}

/** Numbers by size, everything else by its text: ISO times of one zone come out right. NaN (in no order) for a number beside a word. */
function orderOf(found: unknown, { text }: Literal): number {
  if (typeof found === 'number') return found - (text.trim() === '' ? NaN : Number(text));
  const shown = plain(found);
  return shown < text ? -1 : shown > text ? 1 : 0;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
