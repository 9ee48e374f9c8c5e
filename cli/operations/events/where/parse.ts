import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Expression, Operator, Path } from './expression.ts';
import { type Token, tokensOf, WhereProblem } from './tokens.ts';

/** Deeper than anyone writes, and shallow enough for the stack. */
const DEEPEST = 100;

/**
 * Parses a --where expression:
 * `or` binds loosest, then `and`, then `not`; a comparison is `path operator value`, a path alone asks whether it is there.
 * Throws TODOCTL_WHERE_SYNTAX with a caret under the place.
 */
export function parseWhere(source: string): Expression {
  try {
    return new Parser(tokensOf(source)).whole();
  } catch (error) {
    if (!(error instanceof WhereProblem)) throw error;
    throw new TodoctlError('TODOCTL_WHERE_SYNTAX', {
      message: `--where does not parse: ${error.message}`,
      details: [source, `${' '.repeat(error.at)}${'^'.repeat(error.length)}`],
    });
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#or();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw new WhereProblem(`and or or is wanted before ${rest.text}`, rest.at, rest.length);
    return expression;
  }

  #or(): Expression {
    return this.#joined('or', () => this.#joined('and', () => this.#unary()));
  }

  #joined(word: 'and' | 'or', part: () => Expression): Expression {
    const first = part();
    const parts = [first];
    while (this.#takeWord(word)) parts.push(part());
    return parts.length === 1 ? first : { is: word, parts };
  }

  #unary(): Expression {
    const token = this.#peek();
    if (++this.#depth > DEEPEST) throw new WhereProblem(`this is nested deeper than ${DEEPEST}`, token.at);
    try {
      if (this.#takeWord('not')) return { is: 'not', part: this.#unary() };
      return token.kind === 'open' ? this.#group(token) : this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #group(open: Token): Expression {
    this.#next();
    const inner = this.#or();
    const close = this.#next();
    if (close.kind === 'end') throw new WhereProblem('this parenthesis is not closed', open.at);
    if (close.kind !== 'close') throw new WhereProblem(`) is wanted before ${close.text}`, close.at, close.length);
    return inner;
  }

  #comparison(): Expression {
    const path = this.#path(this.#next());
    if (this.#peek().kind !== 'operator') return { is: 'present', path };
    const operator = this.#next().text as Operator;
    const value = this.#next();
    if (value.kind !== 'word' && value.kind !== 'text') throw new WhereProblem(`a value is wanted after ${operator}`, value.at, value.length);
    return { is: 'compare', path, operator, value: { text: value.text, quoted: value.kind === 'text' } };
  }

  #path(token: Token): Path {
    const { kind, text, at, length } = token;
    if (kind !== 'word' || isKeyword(text)) throw new WhereProblem(`a field is wanted${kind === 'end' ? ' here' : `, not ${text}`}`, at, length);
    if (text.startsWith('@')) return recordPath(token);
    const names = text.split('.');
    if (names.includes('')) throw new WhereProblem(`${text} has an empty name between its dots`, at, length);
    return { of: 'value', names };
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'word' || text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
}

function isKeyword(text: string): boolean {
  return ['and', 'or', 'not'].includes(text.toLowerCase());
}

function recordPath({ text, at, length }: Token): Path {
  const name = text.slice(1);
  if (name === 'key' || name === 'topic' || name === 'partition' || name === 'offset') return { of: name };
  if (name.startsWith('header.') && name.length > 'header.'.length) return { of: 'header', name: name.slice('header.'.length) };
  throw new WhereProblem(`${text} is none of @key, @topic, @partition, @offset, @header.NAME`, at, length);
}
