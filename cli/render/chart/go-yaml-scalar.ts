/** How a text is written. */
export type Style = 'plain' | 'single' | 'double' | 'literal';

const RESERVED = new Set(['', '~', ...['y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off', 'null'].flatMap((word) => [word, word.toUpperCase(), `${word[0]?.toUpperCase()}${word.slice(1)}`])]);
const NOT_NUMBERS = /^(?:\.(?:nan|NaN|NAN)|[-+]?\.(?:inf|Inf|INF))$/;
const WHOLE = /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FRACTION = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const SIXTIES = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIME = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))|(?: (\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?))?$/;

/**
 * The style that go.yaml.in/yaml v2 writes a text in: plain where no parser of YAML 1.1 takes it for something else.
 * A key is never of several lines.
 */
export function styleOf(text: string, key: boolean): Style {
  const { plain, single, literal } = allowed(text);
  if (text.includes('\n') && !key) return literal ? 'literal' : 'double';
  if (isSomethingElse(text)) return 'double';
  return plain ? 'plain' : single ? 'single' : 'double';
}

/** Whether YAML would read the bare text as a number, a date, a truth or nothing. */
function isSomethingElse(text: string): boolean {
  if (RESERVED.has(text) || NOT_NUMBERS.test(text) || SIXTIES.test(text) || isTime(text)) return true;
  const plain = /^[-+\d]/.test(text) ? text.replaceAll('_', '') : text;
  return (WHOLE.test(plain) && fits(plain)) || (FRACTION.test(plain) && Number.isFinite(Number(plain)));
}

function fits(whole: string): boolean {
  const digits = whole.replace(/^[-+]/, '');
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return whole.startsWith('-') ? value <= 2n ** 63n : value < 2n ** 64n;
}

function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (!found) return false;
  const [year = 0, month = 0, day = 0, ...clock] = found.slice(1).filter((part) => part !== undefined).map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = clock;
  const date = new Date(Date.UTC(2000 + (year % 400), month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hours < 24 && minutes < 60 && seconds < 60;
}

/** What libyaml's analysis of a text lets it be written as. */
function allowed(text: string): { plain: boolean; single: boolean; literal: boolean } {
  const special = Array.from(text).some((character) => !isPrintable(character)) || text.includes(' \n');
  const breaks = text.includes('\n');
  const indicators = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/.test(text) || /:(?:[ \t]|$)|[ \t\n]#/.test(text);
  const edges = text.startsWith(' ') || text.endsWith(' ');
  return {
    plain: !special && !breaks && !indicators && !edges,
    single: !special && !breaks,
    literal: !special && !text.endsWith(' '),
  };
}

/** What may stand in YAML as it is; a tab and what lies beyond the basic plane may not. */
function isPrintable(character: string): boolean {
  return /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]$/.test(character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0', '\u0007': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\v': '\\v', '\f': '\\f', '\r': '\\r', '\u001b': '\\e',
  '"': '\\"', '\\': '\\\\',
};

/** The characters of a text as they stand between double quotes. */
export function escapes(text: string): string[] {
  return Array.from(text, (character) => ESCAPES[character] ?? (isPrintable(character) ? character : hexadecimal(character)));
}

function hexadecimal(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xff_ff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
