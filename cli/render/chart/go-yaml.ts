import { naturally } from './go-yaml-order.ts';
import { escapes, styleOf } from './go-yaml-scalar.ts';
import { floatText, Struct, Mistake, type Value, type ValueMap } from './value.ts';

/** Where Go's YAML begins to look for a space to break a long line at, in columns. */
const WIDTH = 80;
const STEP = 2;

/**
 * A value as Helm's `toYaml` writes it, to the byte: `sha256sum` of it must be what Helm computes. After sigs.k8s.io/yaml 1.6,
 * which is JSON through go.yaml.in/yaml v2: keys in its natural order, lists not indented below their key, long lines broken.
 * Errors: Mistake for what YAML has no word for.
 */
export function toYaml(value: Value): string {
  const writer = new Writer();
  writer.node(value, -1, false);
  return writer.text.replace(/\n$/, '');
}

/** Helm reads what it wrote as JSON as YAML: that takes some for ends of lines, and makes nothing at all of others. */
const LOST = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

class Writer {
  text = '';
  #column = 0;
  /** Whether only white space and indicators stand in this line, so that more may follow beside them. */
  #fresh = true;
  #spaced = true;

  /** `indent` is that of what the node stands in; `below` whether that is a key. */
  node(value: Value, indent: number, below: boolean): void {
    if (Array.isArray(value) && value.length > 0) this.#list(value, indent, below && !this.#fresh);
    else if (value instanceof Map && value.size > 0) this.#map(value, indent + (indent < 0 ? 1 : STEP));
    else this.#scalar(value, indent < 0 ? STEP : indent + STEP);
  }

  #list(items: readonly Value[], outer: number, beside: boolean): void {
    const indent = outer < 0 ? 0 : beside ? outer : outer + STEP;
    for (const item of items) {
      this.#line(indent);
      this.#indicator('-', true);
      this.node(item, indent, false);
    }
  }

  #map(map: ValueMap, indent: number): void {
    for (const [key, item] of [...map].sort(([a], [b]) => naturally(a, b))) {
      this.#line(indent);
      if (/[\n\r]/.test(key) || Buffer.byteLength(key) > 128) throw new Mistake(`the key ${JSON.stringify(key)} is too long or has several lines`);
      this.#string(key, indent, true);
      this.#put(':');
      this.#fresh = false;
      this.#spaced = false;
      this.node(item, indent, true);
    }
  }

  #scalar(value: Value, indent: number): void {
    if (typeof value === 'string') this.#string(value, indent, false);
    else this.#indicator(plainText(value), false);
  }

  #string(value: string, indent: number, key: boolean): void {
    if (LOST.test(value)) throw new Mistake('toYaml of Helm loses control characters and Unicode’s ends of lines');
    const style = styleOf(value, key);
    if (style === 'literal') this.#literal(value, indent);
    else if (style === 'double') this.#folded(`"`, escapes(value), indent, !key);
    else if (style === 'single') this.#folded(`'`, Array.from(value, (character) => (character === "'" ? "''" : character)), indent, !key);
    else this.#folded('', Array.from(value), indent, !key);
  }

  /** Characters one by one; a long line is broken at a lone space, which is then the line's end. */
  #folded(quote: '' | `'` | '"', characters: readonly string[], indent: number, breaks: boolean): void {
    this.#indicator(quote, false);
    let afterSpace = false;
    for (const [index, character] of characters.entries()) {
      if (character !== ' ') {
        this.#put(character);
        afterSpace = false;
        continue;
      }
      const inside = quote === '' || (index > 0 && index < characters.length - 1);
      const next = characters[index + 1];
      if (breaks && !afterSpace && this.#column > WIDTH && inside && (quote === '"' || next !== ' ')) {
        this.#line(indent);
        if (next === ' ') this.#put('\\');
      } else this.#put(character);
      afterSpace = true;
    }
    this.#put(quote);
    this.#fresh = false;
    this.#spaced = false;
  }

  #literal(value: string, indent: number): void {
    const hint = /^[ \n]/.test(value) ? String(STEP) : '';
    const chomp = value.endsWith('\n') ? (value === '\n' || value.endsWith('\n\n') ? '+' : '') : '-';
    this.#indicator(`|${hint}${chomp}`, false);
    for (const line of value.split('\n')) {
      // The end of the line before; what follows the last one is not a line.
      this.text += '\n';
      this.#column = 0;
      if (line !== '') this.#put(' '.repeat(indent) + line);
    }
    const ended = value.endsWith('\n');
    if (ended) this.text = this.text.replace(/\n$/, '');
    this.#endLiteral(ended);
  }

  #endLiteral(ended: boolean): void {
    if (ended) this.text += '\n';
    this.#column = ended ? 0 : this.#column;
    this.#fresh = ended;
    this.#spaced = ended;
  }

  /** Goes to this column of a line: this one when only indicators stand in it and before the column, else a new one. */
  #line(indent: number): void {
    if (!this.#fresh || this.#column > indent || (this.#column === indent && !this.#spaced)) {
      this.text += '\n';
      this.#column = 0;
    }
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#fresh = true;
    this.#spaced = true;
  }

  #indicator(word: string, fresh: boolean): void {
    if (!this.#spaced) this.#put(' ');
    this.#put(word);
    this.#fresh &&= fresh;
    this.#spaced = false;
  }

  #put(text: string): void {
    this.text += text;
    this.#column += text.length;
  }
}

function plainText(value: Exclude<Value, string>): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return '[]';
  if (value instanceof Map) return '{}';
  if (value instanceof Struct) throw new Mistake('this cannot be written as YAML');
  if (typeof value !== 'number') return String(value);
  // Helm writes JSON first, where a whole number below 1e21 has no exponent; YAML takes it for one while 64 bits hold it.
  const digits = String(value);
  const whole = /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
  if (whole !== undefined && whole >= -(2n ** 63n) && whole < 2n ** 64n) return digits;
  return floatText(value);
}
