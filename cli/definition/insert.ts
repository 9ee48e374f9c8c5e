import { isMap, isPair, isScalar, type Pair, parse, parseDocument, type Scalar, type YAMLMap } from 'yaml';

/**
 * Adds `name: value` to the end of a section of a definition (`topics`, `services`). Everything else stays as it is, byte by
 * byte: comments, order, alignment, line ends. The entry stands on one line, its value (YAML on one line) in line with the one above.
 */
export function insertEntry(text: string, section: string, name: string, value: string): string {
  const document = parseDocument(text);
  const found = isMap(document.contents) ? document.contents.items.find(({ key }) => isScalar(key) && key.value === section) : undefined;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  if (found && isMap(found.value) && found.value.flow) return inBrackets(text, found.value, name, value);
  if (found && isMap(found.value) && found.value.items.length > 0) return afterLast(text, found.value, name, value, lineEnd);
  if (!found) return [text.trimEnd(), '', `${section}:`, `  ${name}: ${value}`, ''].join(lineEnd);
  // A section that is an alias: the library writes it anew.
  document.setIn([section, name], document.createNode(parse(value), { flow: true }));
  return document.toString({ lineWidth: 0 });
}

function inBrackets(text: string, map: YAMLMap, name: string, value: string): string {
  const last = map.items.at(-1);
  if (!last) {
    const [start = 0, end = 0] = map.range ?? [];
    return `${text.slice(0, start)}{ ${name}: ${value} }${text.slice(end)}`;
  }
  // Behind a key alone (`{ web }`) there is no value whose end could be taken.
  const end = Math.max(endOf(last), (last.key as Scalar).range?.[1] ?? 0);
  return `${text.slice(0, end)}, ${name}: ${value}${text.slice(end)}`;
}

function afterLast(text: string, map: YAMLMap, name: string, value: string, newLine: string): string {
  const last = map.items.at(-1);
  if (!isPair(last)) throw new Error('a map that is not empty has a last entry');
  const [keyStart = 0, keyEnd = 0] = (last.key as Scalar).range ?? [];
  const lineStart = text.lastIndexOf('\n', keyStart - 1) + 1;
  const lineEnd = endOfLine(text, Math.max(keyEnd, endOf(last)) - 1);
  const indent = text.slice(lineStart, keyStart);
  const lead = `${name}:`.padEnd(columnOfValue(text, last) - (keyStart - lineStart) - 1);
  const before = text.slice(0, lineEnd);
  return `${before}${before.endsWith('\n') ? '' : newLine}${indent}${lead} ${value}${newLine}${text.slice(lineEnd)}`;
}

/** Where the content of a pair's value ends, comments behind it aside. */
function endOf({ value }: Pair): number {
  return (value as { range?: [number, number, number] } | null)?.range?.[1] ?? 0;
}

/** Column (from 0) in which the value of a pair begins, where it stands on the line of its key; else none. */
function columnOfValue(text: string, { key, value }: Pair): number {
  const start = (value as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const keyStart = (key as Scalar).range?.[0] ?? 0;
  return keyStart >= lineStart ? start - lineStart : 0;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', Math.max(from, 0));
  return end === -1 ? text.length : end + 1;
}
