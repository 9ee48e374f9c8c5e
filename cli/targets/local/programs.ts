import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/** Absolute path of a program given by path or by name. */
export async function findProgram(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const candidates = program.includes('/') ? [path.resolve(program)] : (env['PATH'] ?? '').split(path.delimiter).filter(Boolean).map((folder) => path.join(folder, program));
  for (const candidate of candidates) {
    if (await access(candidate, constants.X_OK).then(() => true, () => false)) return candidate;
  }
  return undefined;
}

