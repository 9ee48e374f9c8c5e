import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadPlatform } from '../../cli/definition/load.ts';
import type { Platform } from '../../cli/definition/platform.ts';
import type { SystemSchemas } from '../../cli/definition/schema.ts';
import { TodoctlError } from '../../cli/errors/todoctl-error.ts';
import { errorText } from '../../cli/views/error.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Loads a definition given as text, from a folder of its own; with blocks of systems where they are given. */
export async function load(text: string | Uint8Array, environment = 'local', systems: SystemSchemas = {}): Promise<Platform> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), text);
  return loadPlatform({ cwd, environment, env: { HOME: '/home/me' }, systems });
}

/** The error that loading ends with; a failure of the test when it does not. */
export async function refusal(attempt: Promise<unknown>): Promise<TodoctlError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof TodoctlError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What a person sees of the refusal of a definition, at 80 columns. */
export async function transcript(text: string | Uint8Array, environment = 'local'): Promise<string> {
  return `\n${errorText(await refusal(load(text, environment)), { colour: false, columns: 80 })}`;
}

/** A definition that is right and small; what is given is added to its end. */
export function minimal(more = ''): string {
  return `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { route: /api, publishes: [task-events] }
environments:
  local: { provider: local }
${more}`;
}
