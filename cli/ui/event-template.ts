import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Consumed } from '../kafka/consumed.ts';
import { bytesText, escapeControl, type EventFormat } from './event-line.ts';

type Field = (event: Consumed) => string;

/** Fields of a template by their letter; docs and the error catalogue list the same. */
const FIELDS: Readonly<Record<string, Field>> = {
  t: ({ topic }) => topic,
  p: ({ partition }) => String(partition),
  o: ({ record }) => String(record.offset),
  k: ({ record }) => (record.key ? bytesText(record.key) : ''),
  T: ({ record }) => (record.timestamp < 0 ? '' : new Date(record.timestamp).toISOString()),
  h: ({ record }) => record.headers.map(({ key, value }) => `${key}=${value ? bytesText(value) : ''}`).join(','),
  v: ({ record }) => (record.value ? bytesText(record.value) : ''),
  '%': () => '%',
};

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

/**
 * Makes a format of `%t %p %o %k %T %h %v %v{path} %%` and text; `\n`, `\t` and `\\` are what they are elsewhere.
 * A field that an event does not have is empty. Throws TODOCTL_FORMAT_SYNTAX with a caret under the place. On a
 * terminal, what could move its cursor is escaped in the fields; into a pipe they go as they are.
 */
export function templateFormat(template: string, { stdoutIsTty }: { stdoutIsTty: boolean }): EventFormat {
  const parts: (string | Field)[] = [];
  for (let at = 0; at < template.length; ) {
    const char = template.charAt(at);
    const next = template.charAt(at + 1);
    if (char === '\\' && next in ESCAPES) {
      parts.push(ESCAPES[next] as string);
      at += 2;
    } else if (char === '%') {
      const { field, length } = fieldAt(template, at);
      parts.push(field);
      at += length;
    } else {
      parts.push(char);
      at++;
    }
  }
  const clean = stdoutIsTty ? escapeControl : (text: string): string => text;
  return (event) => parts.map((part) => (typeof part === 'string' ? part : clean(part(event)))).join('');
}

function fieldAt(template: string, at: number): { field: Field; length: number } {
  const letter = template.charAt(at + 1);
  if (letter === 'v' && template[at + 2] === '{') {
    const end = template.indexOf('}', at);
    if (end < 0) throw problem(template, at, template.length - at, 'this brace is not closed');
    const names = template.slice(at + 3, end).split('.');
    if (names.includes('')) throw problem(template, at, end + 1 - at, 'a path has a name between its dots');
    return { field: (event) => shown(event.field(names)), length: end + 1 - at };
  }
  const field = Object.hasOwn(FIELDS, letter) ? FIELDS[letter] : undefined;
  if (!field) throw problem(template, at, letter ? 2 : 1, letter ? `%${letter} is no field` : 'a field is wanted after %');
  return { field, length: 2 };
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function problem(template: string, at: number, length: number, why: string): TodoctlError {
  return new TodoctlError('TODOCTL_FORMAT_SYNTAX', {
    message: `--format does not parse: ${why}`,
    details: [template, `${' '.repeat(at)}${'^'.repeat(length)}`],
  });
}
