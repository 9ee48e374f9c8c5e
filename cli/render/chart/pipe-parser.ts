import type { Command, Operand, Pipe } from './ast.ts';
import type { Token, TokenKind } from './lexer.ts';
import { broken, placeOf, type Source } from './source.ts';

/** Names of the variables that are there. */
export type Scope = readonly string[];

const WHOLE = /^[+-]?(?:0|[1-9]\d*)$/;
const FRACTION = /^[+-]?\d+\.\d*(?:[eE][+-]?\d+)?$/;

/** The tokens of one action, one after the other. */
export class TokenReader {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  readonly #at: number;
  #next = 0;

  constructor(source: Source, tokens: readonly Token[], at: number) {
    this.#source = source;
    this.#tokens = tokens;
    this.#at = at;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  is(kind: TokenKind): boolean {
    return this.peek()?.kind === kind;
  }

  done(): boolean {
    return this.peek() === undefined;
  }

  word(): string {
    return this.take()?.text ?? '';
  }

  string(what: string): string {
    const token = this.take();
    if (token?.kind !== 'string') throw this.broken(`${what} is missing`, token);
    return token.text;
  }

  end(): void {
    const token = this.peek();
    if (token) throw this.broken(`${token.text} is too much`, token);
  }

  broken(what: string, token?: Token): Error {
    return broken(what, [placeOf(this.#source, token?.at ?? this.#at)]);
  }

  placeOf(at: number): string {
    return placeOf(this.#source, at);
  }

  at(): number {
    return this.peek()?.at ?? this.#at;
  }
}

/** Reads `$a, $b := command | command` up to a closing parenthesis or the end; what it makes is added to the scope. `most` variables. */
export function readPipe(reader: TokenReader, scope: string[], most = 0): Pipe {
  const at = reader.at();
  const { variables, assigns } = readVariables(reader, scope, most);
  const commands: Command[] = [];
  do commands.push(readCommand(reader, scope, commands.length > 0));
  while (reader.is('|') && reader.take());
  if (!assigns) scope.push(...variables);
  return { variables, assigns, commands, at };
}

function readVariables(reader: TokenReader, scope: Scope, most: number): { variables: string[]; assigns: boolean } {
  const [first, after, second, last] = [0, 1, 2, 3].map((ahead) => reader.peek(ahead));
  const none = { variables: [], assigns: false };
  if (first?.kind !== 'variable') return none;
  const pair = after?.kind === ',' && second?.kind === 'variable' ? second : undefined;
  const sign = pair ? last : after;
  if (sign?.kind !== ':=' && sign?.kind !== '=') {
    if (after?.kind === ',') throw reader.broken('a list of variables without :=', after);
    return none;
  }
  const variables = pair ? [first.text, pair.text] : [first.text];
  if (variables.length > most) throw reader.broken('so many variables cannot be given a value here', first);
  const assigns = sign.kind === '=';
  const unknown = assigns ? variables.find((name) => !scope.includes(name)) : undefined;
  if (unknown !== undefined) throw reader.broken(`${unknown} is not a variable here`, first);
  for (let taken = 0; taken <= (pair ? 3 : 1); taken++) reader.take();
  return { variables, assigns };
}

function readCommand(reader: TokenReader, scope: string[], piped: boolean): Command {
  const at = reader.at();
  const [first, ...args] = readOperands(reader, scope);
  if (!first) throw reader.broken('a value is missing', reader.peek());
  const called = piped || args.length > 0;
  const plain = first.is === 'literal' || (first.is !== 'function' && first.path.length === 0);
  if ((called && plain) || (first.is === 'literal' && first.value === null)) throw broken('what is called is not a function', [reader.placeOf(at)]);
  return { first, args, at };
}

function readOperands(reader: TokenReader, scope: string[]): Operand[] {
  const operands: Operand[] = [];
  for (let token = reader.peek(); token && token.kind !== ')' && token.kind !== '|'; token = reader.peek()) {
    if (operands.length > 0 && !token.spaced) throw reader.broken(`${token.text} stands too close`, token);
    reader.take();
    operands.push(readOperand(reader, token, scope));
  }
  return operands;
}

function readOperand(reader: TokenReader, token: Token, scope: string[]): Operand {
  const { kind, text, at } = token;
  switch (kind) {
    case 'string':
      return { is: 'literal', value: text };
    case 'number':
      return { is: 'literal', value: readNumber(reader, token) };
    case 'word':
      if (text === 'true' || text === 'false') return { is: 'literal', value: text === 'true' };
      return text === 'nil' ? { is: 'literal', value: null } : { is: 'function', name: text, at };
    case 'dot':
      return { is: 'dot', path: [], at };
    case 'field':
      return { is: 'dot', path: [text, ...readPath(reader)], at };
    case 'variable':
      if (!scope.includes(text)) throw reader.broken(`${text} is not a variable here`, token);
      return { is: 'variable', name: text, path: readPath(reader), at };
    case '(': {
      const pipe = readPipe(reader, scope);
      if (reader.take()?.kind !== ')') throw reader.broken('a parenthesis is not closed', token);
      return { is: 'pipe', pipe, path: readPath(reader), at };
    }
    default:
      throw reader.broken(`${text} stands where a value should`, token);
  }
}

function readPath(reader: TokenReader): string[] {
  const path: string[] = [];
  for (let token = reader.peek(); token?.kind === 'field' && !token.spaced; token = reader.peek()) {
    path.push(token.text);
    reader.take();
  }
  return path;
}

/** Whole numbers are Go's int, others its float64. */
function readNumber(reader: TokenReader, token: Token): number | bigint {
  if (WHOLE.test(token.text)) return BigInt(token.text.replace('+', ''));
  if (FRACTION.test(token.text)) return Number(token.text);
  throw reader.broken(`the number ${token.text} is not written in a way that is read here`, token);
}
