/** A value as TypeScript or JavaScript: texts in single quotes, all else as JSON. */
export function codeText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(codeText).join(', ')}]`;
  if (typeof value !== 'string') return JSON.stringify(value);
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A name that stands in code as it is: an identifier, or words with dashes in a comment. Errors: TypeError for anything else. */
export function codeWord(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z_][\w-]*$/.test(value)) return value;
  throw new TypeError('not a word that can stand in code');
}
