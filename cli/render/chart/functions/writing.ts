import { toYaml } from '../go-yaml.ts';
import { entriesOf, Struct, Mistake, type Value } from '../value.ts';
import { type Callable, takes } from './signature.ts';

/** Values as texts of other languages. */
export const writing: Readonly<Record<string, Callable>> = {
  toYaml: takes(['any'], toYaml),
  toJson: takes(['any'], toJson),
};

// Go's own JSON is safe to stand in HTML.
const HTML = /[<>&\u2028\u2029]/g;

function toJson(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value).replace(HTML, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (value instanceof Map) return `{${entriesOf(value).map(([key, inner]) => `${toJson(key)}:${toJson(inner)}`).join(',')}}`;
  if (value instanceof Struct) throw new Mistake('this cannot be written as JSON');
  return Object.is(value, -0) ? '-0' : String(value);
}
