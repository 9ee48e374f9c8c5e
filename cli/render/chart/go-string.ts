const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' };
// Go's own `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020.
const PRINTED = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Reads a string of Go's in double quotes; undefined when it holds an escape that is none. */
export function readString(literal: string): string | undefined {
  let known = true;
  const text = literal.slice(1, -1).replace(/\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|(.))/g, (_all, hex, short, long, letter: string | undefined) => {
    const code = [hex, short, long].find((digits): digits is string => typeof digits === 'string');
    const value = code === undefined ? undefined : Number.parseInt(code, 16);
    if (value !== undefined && value <= 0x10_ffff && !(value >= 0xd8_00 && value <= 0xdf_ff) && !(hex !== undefined && value > 0x7f)) return String.fromCodePoint(value);
    const escape = ESCAPES[letter ?? ''];
    if (escape === undefined) known = false;
    return escape ?? '';
  });
  return known ? text : undefined;
}

/** A text as `%q` of Go writes it; YAML in double quotes reads the same. */
export function quoteString(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return `"${Array.from(text, escaped).join('')}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (PRINTED.test(character)) return character;
  const letter = Object.entries(ESCAPES).find(([, plain]) => plain === character)?.[0];
  if (letter !== undefined) return `\\${letter}`;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code > 0xff_ff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
