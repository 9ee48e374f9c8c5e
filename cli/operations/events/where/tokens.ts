import { OPERATORS } from './expression.ts';

export interface Token {
  kind: 'word' | 'text' | 'operator' | 'open' | 'close' | 'end';
  text: string;
  /** Where it begins and how long it is as written. */
  at: number;
  length: number;
}

/** A place in a --where expression that is wrong, and why. */
export class WhereProblem extends Error {
  override readonly name = 'WhereProblem';
  readonly at: number;
  readonly length: number;

  constructor(message: string, at: number, length = 1) {
    super(message);
    this.at = at;
    this.length = Math.max(1, length);
  }
}

const WORD = /[^\s"'()=!~<>]+/y;
const LONGEST_FIRST = [...OPERATORS].sort((a, b) => b.length - a.length);

/** Cuts an expression into tokens, the last of kind `end`. Throws WhereProblem. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: Token['kind'], text: string, length: number): void => {
    tokens.push({ kind, text, at, length });
    at += length;
  };
  while (at < source.length) {
    const char = source.charAt(at);
    if (/\s/.test(char)) at++;
    else if (char === '(') push('open', char, 1);
    else if (char === ')') push('close', char, 1);
    else if (char === '"' || char === "'") push('text', ...quoted(source, at));
    else {
      const operator = LONGEST_FIRST.find((candidate) => source.startsWith(candidate, at));
      if (operator) push('operator', operator, operator.length);
      else push('word', ...word(source, at));
    }
  }
  push('end', 'the end', 0);
  return tokens;
}

function word(source: string, at: number): [string, number] {
  WORD.lastIndex = at;
  const found = WORD.exec(source)?.[0];
  if (found === undefined) throw new WhereProblem(`${source.charAt(at)} is no operator; there are ${OPERATORS.join(' ')}`, at);
  return [found, found.length];
}

/** A quoted text; a backslash takes the next character as it is. */
function quoted(source: string, at: number): [string, number] {
  const quote = source[at];
  let text = '';
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === quote) return [text, i + 1 - at];
    if (source[i] === '\\' && i + 1 < source.length) i++;
    text += source.charAt(i);
  }
  throw new WhereProblem('this quote is not closed', at, source.length - at);
}
