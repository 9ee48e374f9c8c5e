import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../resources/document.ts';
import { ResourceError } from '../resources/resource-error.ts';
import type { Component } from '../resources/component.ts';

/** A secret store: each secret is a small map. */
export interface SecretStore {
  get(name: string): Record<string, string> | undefined;
  all(): Record<string, Record<string, string>>;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Nested objects and lists become one level: `a: {b: [x]}` → `a:b:0`. */
function flatten(value: Record<string, unknown>, separator: string): Record<string, string> {
  const flat: Record<string, string> = {};
  const visit = (name: string, item: unknown): void => {
    if (typeof item === 'object' && item !== null) for (const [key, child] of Object.entries(item)) visit(`${name}${separator}${key}`, child);
    else flat[name] = text(item);
  };
  for (const [key, item] of Object.entries(value)) visit(key, item);
  return flat;
}

/** What the secrets file holds, as components-contrib's secretstores.local.file reads it. */
export function secretsOf(content: Record<string, unknown>, options: { multiValued: boolean; separator: string }): SecretStore {
  const secrets = new Map<string, Record<string, string>>();
  if (options.multiValued) {
    for (const [name, value] of Object.entries(content)) {
      if (typeof value === 'string') secrets.set(name, { [name]: value });
      else if (isRecord(value)) secrets.set(name, flatten(value, options.separator));
    }
  } else {
    for (const [name, value] of Object.entries(flatten(content, options.separator))) secrets.set(name, { [name]: value });
  }
  return { get: (name) => secrets.get(name), all: () => Object.fromEntries(secrets) };
}

/** Opens a `secretstores.local.file`; a relative path counts from the working directory, as in daprd. */
export async function openLocalFile({ file, name, metadata }: Component): Promise<SecretStore> {
  const secretsFile = metadata.get('secretsFile');
  if (!secretsFile) throw new ResourceError(file, `Component ${name}: missing local secrets file in metadata`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path.resolve(secretsFile), 'utf8'));
  } catch (error) {
    // JSON.parse quotes the text it stumbled over, which here may be a secret.
    const problem = (error as NodeJS.ErrnoException).code ?? 'is not JSON';
    throw new ResourceError(file, `Component ${name}: ${secretsFile}: ${problem}`);
  }
  if (!isRecord(content)) throw new ResourceError(file, `Component ${name}: ${secretsFile} is not a JSON object`);
  return secretsOf(content, { multiValued: metadata.flag('multiValued'), separator: metadata.get('nestedSeparator') || ':' });
}
