// Words that YAML 1.1 or 1.2 reads as something else than a text; daprd's parser speaks 1.1.
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const PLAIN = /^[A-Za-z/][A-Za-z0-9_./-]*$/;
// What a YAML text may not hold as it is, or what some parser takes for a line's end or a byte order mark.
const UNSAFE = /[\u007f-\u009f\u00ad\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * A value as YAML on one line: texts plain where that is safe beyond doubt, else in double quotes; lists and maps in brackets.
 * Any string comes back unchanged from a YAML parser, of version 1.1 or 1.2. Errors: TypeError for what YAML has no word for.
 */
export function yamlText(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) && !RESERVED.test(value) ? value : quoted(value);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value).map(([key, inner]) => ` ${yamlText(key)}: ${yamlText(inner)}`).join(',')} }`;
  }
  throw new TypeError(`YAML has no word for ${typeof value}`);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
