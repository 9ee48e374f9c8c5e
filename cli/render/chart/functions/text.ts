import { createHash } from 'node:crypto';
import { quoteString } from '../go-string.ts';
import { Mistake, textOf, type Value } from '../value.ts';
import { type Callable, takes, takesMore } from './signature.ts';

/** Texts. */
export const text: Readonly<Record<string, Callable>> = {
  quote: takesMore([], (_none, values) => present(values).map((value) => quoteString(textOf(value))).join(' ')),
  squote: takesMore([], (_none, values) => present(values).map((value) => `'${textOf(value)}'`).join(' ')),
  toString: takes(['any'], textOf),
  print: takesMore([], (_none, values) => print(values)),
  printf: takesMore(['string'], ([format], values) => printf(format, values)),
  indent: takes(['int', 'string'], indent),
  nindent: takes(['int', 'string'], (spaces, given) => `\n${indent(spaces, given)}`),
  trim: takes(['string'], (given) => given.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')),
  trimSuffix: takes(['string', 'string'], (suffix, given) => (suffix !== '' && given.endsWith(suffix) ? given.slice(0, -suffix.length) : given)),
  trimPrefix: takes(['string', 'string'], (prefix, given) => (given.startsWith(prefix) ? given.slice(prefix.length) : given)),
  trunc: takes(['int', 'string'], trunc),
  replace: takes(['string', 'string', 'string'], (old, other, given) => given.replaceAll(old, () => other)),
  lower: takes(['string'], (given) => each(given, (character) => character.toLowerCase())),
  upper: takes(['string'], (given) => each(given, (character) => character.toUpperCase())),
  contains: takes(['string', 'string'], (part, given) => given.includes(part)),
  hasPrefix: takes(['string', 'string'], (prefix, given) => given.startsWith(prefix)),
  hasSuffix: takes(['string', 'string'], (suffix, given) => given.endsWith(suffix)),
  b64enc: takes(['string'], (given) => Buffer.from(given).toString('base64')),
  sha256sum: takes(['string'], (given) => createHash('sha256').update(given).digest('hex')),
};

/** Sprig quotes nothing as nothing at all. */
function present(values: readonly Value[]): Value[] {
  return values.filter((value) => value !== null);
}

/** A space stands between two values of which neither is a text. */
function print(values: readonly Value[]): string {
  return values.map((value, index) => (index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string' ? ` ${textOf(value)}` : textOf(value))).join('');
}

/** `%s` of a text, `%d` of an int, `%q`, `%v`, `%t` and `%%`; no widths. Go writes a mistake into the text, which is refused here. */
function printf(format: string, values: readonly Value[]): string {
  let next = 0;
  const written = format.replace(/%([^]?)/g, (verb, letter: string) => {
    if (letter === '%') return '%';
    const value = values[next++];
    if (value === undefined) throw new Mistake(`printf has no value for ${verb}`);
    const fits = { s: 'string', d: 'bigint', t: 'boolean', q: 'string' }[letter];
    if (letter !== 'v' && typeof value !== fits) throw new Mistake(fits === undefined ? `printf does not know ${verb} here` : `printf ${verb} does not fit its value`);
    return letter === 'q' ? quoteString(textOf(value)) : textOf(value);
  });
  if (next < values.length) throw new Mistake('printf has more values than verbs');
  return written;
}

function indent(spaces: number, given: string): string {
  if (spaces < 0) throw new Mistake('a text cannot be indented by less than 0');
  const pad = ' '.repeat(spaces);
  return pad + given.replaceAll('\n', `\n${pad}`);
}

/** Counts bytes, as Go does; from the end when negative. A cut through a character is refused: the rest would not be a text. */
function trunc(count: number, given: string): string {
  const bytes = Buffer.from(given);
  if (Math.abs(count) >= bytes.length) return given;
  const cut = count < 0 ? bytes.subarray(bytes.length + count) : bytes.subarray(0, count);
  const kept = cut.toString();
  if (!Buffer.from(kept).equals(cut)) throw new Mistake('trunc would cut through a character');
  return kept;
}

/** Go maps each character to one; where JavaScript knows several (ß), it stays. */
function each(given: string, map: (character: string) => string): string {
  return Array.from(given, (character) => {
    const mapped = map(character);
    return Array.from(mapped).length === 1 ? mapped : character;
  }).join('');
}
