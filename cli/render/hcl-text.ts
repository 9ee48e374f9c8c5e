const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
// What a quoted template of HCL may not hold as it is; other control characters have no escape of one letter.
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const UNSAFE = /[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;

/**
 * A value as an expression of HCL on one line. Terraform reads any text back unchanged: `${` and `%{` begin nothing.
 * Errors: TypeError for what HCL has no word for.
 */
export function hclText(value: unknown): string {
  if (typeof value === 'string') return `"${value.replaceAll(UNSAFE, escaped).replaceAll(/[$%](?=\{)/g, '$&$&')}"`;
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(hclText).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, inner]) => `${hclKey(key)} = ${hclText(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  throw new TypeError(`HCL has no word for ${typeof value}`);
}

/**
 * A map or a list as HCL of several lines, one entry each, as `terraform fmt` leaves it: the signs of equality stand below each
 * other. `indent` is the column of the line that it begins on.
 */
export function hclBlock(value: unknown, indent = 0): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return hclText(value);
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (Array.isArray(value)) return `[\n${value.map((item) => `${pad}${hclText(item)},\n`).join('')}${end}]`;
  const entries = Object.entries(value).map(([key, inner]) => [hclKey(key), hclText(inner)] as const);
  const width = Math.max(...entries.map(([key]) => key.length));
  return `{\n${entries.map(([key, inner]) => `${pad}${key.padEnd(width)} = ${inner}\n`).join('')}${end}}`;
}

/** `null`, `true` and `for` would be read as something else than a name. */
function hclKey(key: string): string {
  return IDENTIFIER.test(key) && !['null', 'true', 'false', 'for', 'if'].includes(key) ? key : hclText(key);
}

function escaped(character: string): string {
  return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
