/** What stands behind `=`: its text, and the names that it refers to, as `['var', 'region']`. */
export interface Expression {
  text: string;
  references: string[][];
}

/** A block of HCL, or a whole file (type ''). Attributes by their name; those of inner blocks are theirs. */
export interface Block {
  type: string;
  labels: string[];
  attributes: Map<string, Expression>;
  blocks: Block[];
}

export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** Reads a file of HCL's native syntax, as much of it as Terraform files of ours use. Errors: Error with the line of what is not HCL. */
export function readHcl(text: string): Block {
  const reader = new Reader(text);
  const file: Block = { type: '', labels: [], attributes: new Map(), blocks: [] };
  reader.body(file, true);
  return file;
}

/** The value of an expression that refers to nothing. Errors: Error for what is no literal. */
export function literalOf(text: string): Literal {
  const reader = new Reader(text);
  const value = reader.literal();
  reader.end();
  return value;
}

/** All blocks of a file, inner ones too. */
export function allBlocks(block: Block): Block[] {
  return block.blocks.flatMap((inner) => [inner, ...allBlocks(inner)]);
}

const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const OPEN: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
// Words of the language and of `for`, which refer to nothing.
const WORDS = new Set(['true', 'false', 'null', 'for', 'in', 'if']);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Attributes and blocks, to the end of the file or to the brace that closes them. */
  body(block: Block, whole = false): void {
    for (;;) {
      this.#match(SPACE);
      if (whole && this.#at === this.#text.length) return;
      if (!whole && this.#take('}')) return;
      const name = this.#name();
      this.#blanks();
      if (this.#take('=')) {
        if (block.attributes.has(name)) this.#refuse(`${name} stands twice`);
        block.attributes.set(name, this.#expression());
        continue;
      }
      const inner: Block = { type: name, labels: [], attributes: new Map(), blocks: [] };
      while (this.#peek() === '"') {
        inner.labels.push(this.#string());
        this.#blanks();
      }
      if (!this.#take('{')) this.#refuse('neither an attribute nor a block');
      this.body(inner);
      block.blocks.push(inner);
    }
  }

  literal(): Literal {
    this.#match(SPACE);
    if (this.#peek() === '"') return this.#string();
    if (this.#take('[')) return this.#items(']', () => this.literal());
    if (this.#take('{')) {
      return Object.fromEntries(
        this.#items('}', () => {
          const key = this.#peek() === '"' ? this.#string() : this.#name();
          this.#blanks();
          if (!this.#take('=')) this.#refuse(`${key} has no value`);
          return [key, this.literal()] as const;
        }),
      );
    }
    const number = this.#match(NUMBER);
    if (number !== '') return Number(number);
    const word = this.#name();
    if (word !== 'true' && word !== 'false' && word !== 'null') this.#refuse(`${word} is no literal`);
    return word === 'null' ? null : word === 'true';
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#refuse('more than one value');
  }

  /** To the end of the line, or as far as its brackets go. */
  #expression(): Expression {
    const begin = this.#at;
    const references: string[][] = [];
    this.#scan(references, () => this.#peek() === '\n' || this.#at === this.#text.length);
    return { text: this.#text.slice(begin, this.#at).trim(), references };
  }

  #scan(references: string[][], done: () => boolean): void {
    while (!done()) {
      const character = this.#peek();
      if (this.#at === this.#text.length) this.#refuse('a bracket is not closed');
      const close = OPEN[character];
      if (close !== undefined) {
        this.#at += 1;
        this.#scan(references, () => this.#peek() === close);
        this.#at += 1;
      } else if (character === '"') this.#string(references);
      else if (character === '#') this.#match(/#[^\n]*/y);
      else if (/[A-Za-z_]/.test(character)) this.#traversal(references);
      else if (/\d/.test(character)) this.#match(NUMBER);
      else this.#at += 1;
    }
  }

  /** `var.region`, `a.b[0].c`; names that are called or that are keys of a map refer to nothing. */
  #traversal(references: string[][]): void {
    const path = [this.#name()];
    while (this.#peek() === '.' || /^\[\d+\]/.test(this.#text.slice(this.#at))) {
      if (this.#match(/\[\d+\]/y) !== '') continue;
      this.#at += 1;
      path.push(this.#name());
    }
    const next = /^[ \t]*(\(|=(?![=>]))?/.exec(this.#text.slice(this.#at))?.[1];
    if (next === undefined && !(path.length === 1 && WORDS.has(path[0] ?? ''))) references.push(path);
  }

  /** The value of a quoted text, and what its templates refer to. Without `references` a template is a mistake. */
  #string(references?: string[][]): string {
    let value = '';
    this.#at += 1;
    while (!this.#take('"')) {
      const character = this.#peek();
      if (character === '' || character < ' ') this.#refuse('a text does not end');
      const two = this.#text.slice(this.#at, this.#at + 2);
      if (character === '\\') value += this.#escape();
      else if (/^(?:\$\$|%%)\{/.test(this.#text.slice(this.#at))) {
        value += `${character}{`;
        this.#at += 3;
      } else if (two === '${' || two === '%{') {
        if (!references) this.#refuse('a template in a literal');
        this.#at += 2;
        this.#scan(references ?? [], () => this.#peek() === '}');
        this.#at += 1;
      } else {
        value += character;
        this.#at += 1;
      }
    }
    return value;
  }

  #escape(): string {
    const unicode = this.#match(/\\u[0-9a-f]{4}/iy);
    if (unicode !== '') return String.fromCharCode(Number.parseInt(unicode.slice(2), 16));
    const plain = ESCAPES[this.#text[this.#at + 1] ?? ''];
    if (plain === undefined) this.#refuse('an unknown escape');
    this.#at += 2;
    return plain ?? '';
  }

  #items<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    for (;;) {
      this.#match(SPACE);
      if (this.#take(close)) return items;
      items.push(item());
      this.#blanks();
      // Entries of a map may be on lines of their own without a comma.
      if (!this.#take(',') && this.#peek() !== '\n' && this.#peek() !== close) this.#refuse('two values without a comma');
    }
  }

  #name(): string {
    const name = this.#match(NAME);
    if (name === '') this.#refuse(`a name was expected, not ${JSON.stringify(this.#peek())}`);
    return name;
  }

  #blanks(): void {
    this.#match(/[ \t]*/y);
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #refuse(what: string): never {
    throw new Error(`line ${this.#text.slice(0, this.#at).split('\n').length}: ${what}`);
  }
}

/** Places where a file is not as `terraform fmt` leaves it: tabs, ends of lines, depth of blocks, signs of equality in a column. */
export function misformatted(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let column: { at: number; keys: number[]; line: number } | undefined;
  const close = (): void => {
    if (column && column.at !== Math.max(...column.keys) + 1) found.push(`line ${column.line}: = stands in column ${column.at}, not ${Math.max(...column.keys) + 1}`);
    column = undefined;
  };
  text.split('\n').forEach((line, index) => {
    const number = index + 1;
    const bare = line.replaceAll(/"(?:\\.|[^"\\])*"/g, '""').replace(/#.*$/, '');
    const inside = depth - (/^\s*[}\])]/.test(bare) ? 1 : 0);
    const say = (what: string): number => found.push(`line ${number}: ${what}`);
    if (line.includes('\t')) say('a tab');
    if (/\s$/.test(line)) say('blanks at the end');
    if (line !== '' && /^ */.exec(line)?.[0].length !== inside * 2) say(`not ${inside * 2} columns in`);
    const key = /^ *((?:[\w-]+|"(?:\\.|[^"\\])*")) *=(?!=)/.exec(line);
    if (!key) close();
    else {
      const at = key[0].length - 1;
      const end = line.indexOf(key[1] ?? '') + (key[1] ?? '').length;
      // A line that opens a bracket, for others to close, is a column of its own.
      const opens = /[{[(]\s*$/.test(bare);
      if (opens) close();
      if (column && column.at !== at) {
        say('= is not below the one above');
        column = undefined;
      }
      column ??= { at, keys: [], line: number };
      column.keys.push(end);
      if (!line.slice(at + 1).startsWith(' ')) say('no blank behind =');
      if (opens) close();
    }
    depth += (bare.match(/[{[(]/g)?.length ?? 0) - (bare.match(/[}\])]/g)?.length ?? 0);
  });
  close();
  return found;
}
