import { readString } from './go-string.ts';
import { broken, placeOf, type Source } from './source.ts';

export type TokenKind = 'word' | 'field' | 'dot' | 'variable' | 'string' | 'number' | '(' | ')' | '|' | ',' | ':=' | '=';

export interface Token {
  kind: TokenKind;
  /** A field without its dot, a string without its quotes; all else as it is written. */
  text: string;
  at: number;
  /** Whether a space stands before it: `.a .b` are two values, `.a.b` is one. */
  spaced: boolean;
}

/** A piece of a template: text that is written as it is, or what stands between `{{` and `}}`. */
export type Piece = { text: string } | { tokens: Token[]; at: number; end: number };

const LEXEMES: readonly (readonly [TokenKind, RegExp])[] = [
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['number', /[+-]?\d[\p{L}\p{Nd}_.]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  [':=', /:=/y],
  ['=', /=/y],
  ['(', /\(/y],
  [')', /\)/y],
  ['|', /\|/y],
  [',', /,/y],
];
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y;
const SPACE = /[ \t\r\n]+/y;
const COMMENT = /\{\{(?:-[ \t\r\n])?\/\*(?:(?!\*\/)[^])*\*\/(?:[ \t\r\n]-)?\}\}/y;

/**
 * Cuts a template into text and actions, with `{{-` and `-}}` taking the white space beside them, and comments left out.
 * Errors: TODOCTL_TEMPLATE_BROKEN for what no Go template may hold.
 */
export function lex(source: Source): Piece[] {
  const { text } = source;
  const pieces: Piece[] = [];
  let at = 0;
  let trimLeft = false;
  const say = (from: number, to: number, trimRight: boolean): void => {
    let said = text.slice(from, to);
    if (trimLeft) said = said.replace(/^[ \t\r\n]+/, '');
    if (trimRight) said = said.replace(/[ \t\r\n]+$/, '');
    if (said !== '') pieces.push({ text: said });
  };
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) {
      say(at, text.length, false);
      return pieces;
    }
    const trims = /^\{\{-[ \t\r\n]/.test(text.slice(open, open + 4));
    say(at, open, trims);
    COMMENT.lastIndex = open;
    const comment = COMMENT.exec(text)?.[0];
    if (comment === undefined) {
      const action = lexAction(source, open, open + (trims ? 3 : 2));
      pieces.push({ tokens: action.tokens, at: open, end: action.end });
      at = action.end;
      trimLeft = action.trims;
    } else {
      at = open + comment.length;
      trimLeft = comment.endsWith('-}}');
    }
  }
}

function lexAction(source: Source, open: number, start: number): { tokens: Token[]; end: number; trims: boolean } {
  const { text } = source;
  const tokens: Token[] = [];
  let at = start;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    const space = match(SPACE) ?? '';
    at += space.length;
    if (space !== '' && text.startsWith('-}}', at)) return { tokens, end: at + 3, trims: true };
    if (text.startsWith('}}', at)) return { tokens, end: at + 2, trims: false };
    if (at >= text.length) throw broken('an action is not closed with }}', [placeOf(source, open)]);
    const token = next(source, at, match);
    tokens.push({ ...token, at, spaced: space !== '' || at === start });
    at += token.length;
  }
}

function next(source: Source, at: number, match: (pattern: RegExp) => string | undefined): { kind: TokenKind; text: string; length: number } {
  const string = match(STRING);
  if (string !== undefined) {
    const text = string.startsWith('`') ? string.slice(1, -1) : readString(string);
    if (text === undefined) throw broken(`${string} is not a text that Go reads`, [placeOf(source, at)]);
    return { kind: 'string', text, length: string.length };
  }
  for (const [kind, pattern] of LEXEMES) {
    const found = match(pattern);
    if (found !== undefined) return { kind, text: kind === 'field' ? found.slice(1) : found, length: found.length };
  }
  throw broken(`${JSON.stringify(source.text[at])} is not known here`, [placeOf(source, at)]);
}
