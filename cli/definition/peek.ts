import { parseDefinition } from './document.ts';
import { unknownEnvironment } from './environment.ts';
import { readDefinition } from './find.ts';
import { definitionError } from './problems.ts';

/** The little that a command must know before it can look at a running platform. */
export interface Peek {
  platform: string;
  root: string;
  file: string;
  /** Names of the environments, in the file's order. */
  environments: string[];
  /** Provider of the wanted environment, as written; it is checked by loadPlatform, not here. */
  provider: string;
  /** The whole block of the wanted environment, as written. */
  settings: Readonly<Record<string, unknown>>;
}

/**
 * Environments of todoctl.yaml without the schema library, which costs `events tail` more than all else it loads.
 * Errors: no file, no YAML, no such environment (the nearest is offered).
 */
export async function peekDefinition({ cwd, environment }: { cwd: string; environment: string }): Promise<Peek> {
  const source = await readDefinition(cwd);
  const document = parseDefinition(source.text);
  if (document.problems.length > 0) throw definitionError(source.shown, document.problems);
  const environments = asMap(asMap(document.value)['environments']);
  const names = Object.keys(environments);
  if (names.length === 0) {
    // The file is wrong as a whole; what it lacks is for the schema to say.
    const { loadPlatform } = await import('./load.ts');
    await loadPlatform({ cwd, environment, env: {} });
  }
  if (!names.includes(environment)) throw unknownEnvironment(environment, names, source.shown);
  return {
    platform: text(asMap(document.value)['platform']),
    root: source.root,
    file: source.file,
    environments: names,
    provider: text(asMap(environments[environment])['provider']),
    settings: asMap(environments[environment]),
  };
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
