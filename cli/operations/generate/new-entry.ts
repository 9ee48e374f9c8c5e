import { parseDefinition } from '../../definition/document.ts';
import type { Source } from '../../definition/find.ts';
import { insertEntry } from '../../definition/insert.ts';
import { checkDefinition } from '../../definition/load.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { yamlText } from '../../render/yaml-text.ts';
import { SYSTEM_SCHEMAS } from '../../systems/all.ts';

/**
 * The whole file with one entry more. What the entry would make wrong is told of the entry: its line is not in the file yet.
 * Errors: TODOCTL_DEFINITION_*, TODOCTL_TOPIC_UNDECLARED, …, of the entry.
 */
export function withEntry(source: Source, section: 'services' | 'topics', name: string, entry: object): string {
  const value = yamlText(entry);
  const text = insertEntry(source.text, section, name, value);
  try {
    const definition = checkDefinition(source, parseDefinition(text), SYSTEM_SCHEMAS);
    // In quotes, or with a comment behind it, a name would be another one in the file.
    if (!Object.hasOwn(definition[section], name)) throw new TodoctlError('TODOCTL_DEFINITION_BAD_NAME', { message: `${JSON.stringify(name)} is no usable name: lower-case letters, digits and dashes` });
  } catch (error) {
    if (error instanceof TodoctlError) throw ofEntry(error, `${name}: ${value}`);
    throw error;
  }
  return `${source.mark}${text}`;
}

function ofEntry(error: TodoctlError, entry: string): TodoctlError {
  const several = error.code === 'TODOCTL_DEFINITION_INVALID';
  const mistakes = several ? error.details.filter((line) => line.startsWith('  ')).map((line) => line.trim()) : [];
  return new TodoctlError(error.code, {
    message: several ? `The new entry has ${mistakes.length} mistakes` : error.message,
    details: [...mistakes, `the entry would be ${entry}`],
    ...(several ? { why: 'What is added to todoctl.yaml must fit what is there.' } : {}),
    next: ['Say it otherwise on the command line; todoctl.yaml is as it was.'],
    cause: error,
  });
}
