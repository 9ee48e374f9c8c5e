// Words that YAML 1.1 or 1.2 reads as something else than a text; daprd's parser speaks 1.1.
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|e-?\d+)$/i;
const PLAIN = /^[A-Za-z/][A-Za-z0-9_./-]*$/;
// A duration: digits and a unit no parser takes for a number, as it does 1e3 or 0b1.
const DURATION = /^\d{1,9}(?:ms|[smhdw])$/;
// What a YAML text may not hold as it is, or what some parser takes for a line's end or a byte order mark.
const UNSAFE = /[\u007f-\u009f\u00ad\u2028\u2029\ufeff\ufffe\uffff]/g;

/** YAML that is written already: one value in block style, to stand among others as it is. Comments before it are left out. */
export class YamlLines {
  readonly lines: readonly string[];

  constructor(text: string) {
    this.lines = text.replace(/^(?:#.*\n|\s*\n)*/, '').replace(/\n$/, '').split('\n');
  }
}

/**
 * A value as YAML on one line: texts plain where that is safe beyond doubt, else in double quotes; lists and maps in brackets.
 * Any string comes back unchanged from a YAML parser, of version 1.1 or 1.2. Errors: TypeError for what YAML has no word for.
 */
export function yamlText(value: unknown): string {
  if (typeof value === 'string') return (PLAIN.test(value) && !RESERVED.test(value)) || DURATION.test(value) ? value : quoted(value);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value).map(([key, inner]) => ` ${yamlText(key)}: ${yamlText(inner)}`).join(',')} }`;
  }
  throw new TypeError(`YAML has no word for ${typeof value}`);
}

/**
 * A value as YAML lines that stand below their key, `indent` columns in: `values:{{block values indent=2}}`.
 * An empty list or map stays beside the key.
 */
export function yamlBlock(value: unknown, indent = 0): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return ` ${yamlText(value)}`;
  return `\n${lines(value, ' '.repeat(indent)).join('\n')}`;
}

function lines(value: object, pad: string): string[] {
  const entries: [string, unknown][] = Array.isArray(value) ? value.map((item: unknown) => ['-', item]) : Object.entries(value).map(([key, item]) => [`${yamlText(key)}:`, item]);
  return entries.flatMap(([lead, item]) => {
    if (typeof item === 'string' && item.includes('\n') && BLOCK_SAFE.test(item)) return [`${pad}${lead} ${literal(item)}`, ...item.replace(/\n+$/, '').split('\n').map((line) => (line === '' ? '' : `${pad}  ${line}`))];
    if (typeof item !== 'object' || item === null || (!(item instanceof YamlLines) && Object.keys(item).length === 0)) return [`${pad}${lead} ${yamlText(item)}`];
    const inner = item instanceof YamlLines ? item.lines.map((line) => (line === '' ? '' : `${pad}  ${line}`)) : lines(item, `${pad}  `);
    // The first line of a list's item stands beside its dash.
    return lead === '-' ? [`${pad}- ${inner[0]?.slice(pad.length + 2) ?? ''}`, ...inner.slice(1)] : [`${pad}${lead}`, ...inner];
  });
}

/** Texts of several lines that a literal block gives back unchanged: no space at the beginning, no lone carriage return, one end. */
const BLOCK_SAFE = /^(?! )[\t\n\x20-\x7e]*[^\n](?:\n)?$/;

function literal(text: string): string {
  return text.endsWith('\n') ? '|' : '|-';
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
