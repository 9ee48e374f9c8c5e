import { stripVTControlCharacters } from 'node:util';

/**
 * Breaks text at spaces into lines of at most `columns`. The first line begins with `first`, the others with `rest`
 * (spaces as wide as `first` when left out); line breaks in the text stay. A word longer than a line is left whole.
 */
export function wrap(text: string, columns: number, first = '', rest = ' '.repeat(width(first))): string {
  const lines: string[] = [];
  let start = first;
  for (const paragraph of text.split('\n')) {
    let line = start;
    let empty = true;
    for (const word of paragraph.split(' ')) {
      if (!empty && width(line) + 1 + width(word) > columns) {
        lines.push(line);
        line = rest;
        empty = true;
      }
      line += empty ? word : ` ${word}`;
      empty = false;
    }
    lines.push(line.trimEnd());
    start = rest;
  }
  return lines.join('\n');
}

/** Columns that a text takes, colours aside. */
export function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
