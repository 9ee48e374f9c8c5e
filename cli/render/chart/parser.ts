import type { Definition, Node, Pipe } from './ast.ts';
import { lex, type Piece, type Token } from './lexer.ts';
import { readPipe, type Scope, TokenReader } from './pipe-parser.ts';
import { broken, placeOf, type Source } from './source.ts';

type Action = Extract<Piece, { tokens: Token[] }>;
/** What ended a list of nodes: the action with `end` or `else`, or nothing at the end of the file. */
interface Ended {
  nodes: Node[];
  by: { word: 'end' | 'else'; reader: TokenReader; at: number } | undefined;
}

/**
 * Reads a file of a chart: the file itself as a template, and all that it defines.
 * Errors: TODOCTL_TEMPLATE_BROKEN, also for what Go has and this reader does not: `block`, `break`, `continue`, complex numbers.
 */
export function parseTemplate(source: Source): Definition[] {
  return new Parser(source).file();
}

class Parser {
  readonly #source: Source;
  readonly #pieces: readonly Piece[];
  readonly #definitions: Definition[] = [];
  #next = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#pieces = lex(source);
  }

  file(): Definition[] {
    const { nodes, by } = this.#list(['$'], true);
    if (by) throw this.#broken(`${by.word} without a beginning`, by.at);
    return [{ name: this.#source.name, source: this.#source, body: nodes }, ...this.#definitions];
  }

  /** Nodes up to `end` or `else`. Variables that are made in it are gone after it. */
  #list(outer: Scope, top = false): Ended {
    const nodes: Node[] = [];
    const scope = [...outer];
    for (let piece = this.#pieces[this.#next++]; piece; piece = this.#pieces[this.#next++]) {
      if ('text' in piece) {
        nodes.push({ is: 'text', text: piece.text });
        continue;
      }
      const reader = new TokenReader(this.#source, piece.tokens, piece.at);
      const word = piece.tokens[0]?.kind === 'word' ? piece.tokens[0].text : '';
      if (word === 'end' || word === 'else') {
        reader.take();
        return { nodes, by: { word, reader, at: piece.at } };
      }
      const node = this.#action(word, reader, piece, scope, top);
      if (node) nodes.push(node);
    }
    return { nodes, by: undefined };
  }

  #action(word: string, reader: TokenReader, piece: Action, scope: string[], top: boolean): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        reader.take();
        return this.#branch(word, reader, piece.at, scope);
      case 'define':
        if (!top) throw this.#broken('define stands inside another action', piece.at);
        reader.take();
        this.#define(reader, piece.at);
        return undefined;
      case 'template': {
        reader.take();
        const name = reader.string('the name of a template');
        return { is: 'template', name, pipe: reader.done() ? undefined : this.#pipe(reader, scope), at: piece.at };
      }
      case 'block':
      case 'break':
      case 'continue':
        throw this.#broken(`${word} is not among what is read here`, piece.at);
      default:
        return { is: 'output', pipe: this.#pipe(reader, scope) };
    }
  }

  #branch(is: 'if' | 'with' | 'range', reader: TokenReader, at: number, outer: Scope): Node {
    const scope = [...outer];
    const pipe = this.#pipe(reader, scope, is === 'range' ? 2 : 1);
    const body = this.#list(scope);
    let otherwise: Node[] = [];
    if (body.by?.word === 'else') {
      const { reader: rest, at: place } = body.by;
      if (rest.done()) otherwise = this.#closed(this.#list(scope), is, at);
      else {
        // `else if` and `else with` share the end of what they stand in.
        const word = rest.word();
        if (is === 'range' || (word !== 'if' && word !== 'with') || (is === 'with' && word === 'if')) throw this.#broken(`else ${word} after ${is}`, place);
        otherwise = [this.#branch(word, rest, place, scope)];
      }
    } else this.#closed(body, is, at);
    return { is, pipe, body: body.nodes, otherwise };
  }

  #define(reader: TokenReader, at: number): void {
    const name = reader.string('the name of a template');
    reader.end();
    const body = this.#closed(this.#list(['$']), `define "${name}"`, at);
    this.#definitions.push({ name, source: this.#source, body });
  }

  #closed({ nodes, by }: Ended, what: string, at: number): Node[] {
    if (by?.word !== 'end') throw this.#broken(by ? `a second else of ${what}` : `${what} has no end`, by?.at ?? at);
    by.reader.end();
    return nodes;
  }

  #pipe(reader: TokenReader, scope: string[], most = 1): Pipe {
    const pipe = readPipe(reader, scope, most);
    reader.end();
    return pipe;
  }

  #broken(what: string, at: number): Error {
    return broken(what, [placeOf(this.#source, at)]);
  }
}
