import path from 'node:path';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Rendered } from '../../render/rendered.ts';
import type { Context } from '../context.ts';
import { endIfInterrupted } from '../interrupted.ts';
import { compareFolder, type Difference, writeFolder } from './folder.ts';
import { loadRendered } from './load.ts';

export interface RenderOptions {
  /** Systems to render; all when empty. */
  only: readonly string[];
  /** Folder to write to, or to compare with. */
  out: string | undefined;
  check: boolean;
}

export interface RenderResult {
  environment: string;
  folder: string;
  files: { path: string; system: string }[];
  /** Paths that were written anew, or that are different when checked. */
  differences: Difference[];
}

/**
 * Renders an environment into a folder, or compares it with one.
 * Errors: TODOCTL_DEFINITION_*, TODOCTL_TEMPLATE_BROKEN, TODOCTL_SYSTEM_UNKNOWN, TODOCTL_FOLDER_*, TODOCTL_FILE_UNUSABLE, TODOCTL_INTERRUPTED.
 */
export async function render(context: Context, { only, out, check }: RenderOptions): Promise<RenderResult> {
  const { platform, files } = await loadRendered(context);
  const picked = pick(files, only);
  const folder = path.resolve(context.cwd, out ?? path.join('rendered', platform.environment.name));
  const about = { platform: platform.name, environment: platform.environment.name };
  await endIfInterrupted(context.stop);
  const differences = check ? await compareFolder(folder, picked, only, about) : await writeFolder(folder, picked, only, about, context.stop);
  return { environment: platform.environment.name, folder, files: picked.map(({ path: file, system }) => ({ path: file, system })), differences };
}

/** The rendered environment as one stream: its objects, or the other files of the systems that were picked when these have no object. */
export async function renderStream(context: Context, only: readonly string[]): Promise<{ environment: string; files: Rendered[] }> {
  const { platform, files } = await loadRendered(context);
  const picked = pick(files, only);
  const objects = picked.filter(({ owner }) => owner !== 'file');
  return { environment: platform.environment.name, files: objects.length > 0 ? objects : picked };
}

function pick(files: readonly Rendered[], only: readonly string[]): Rendered[] {
  const known = [...new Set(files.map(({ system }) => system))];
  const unknown = [...new Set(only)].filter((system) => !known.includes(system));
  if (unknown.length > 0) {
    const close = unknown.flatMap((system) => nearest(system, known) ?? []);
    throw new TodoctlError('TODOCTL_SYSTEM_UNKNOWN', {
      message: `This environment has no system ${unknown.map((system) => system || '""').join(', ')}`,
      details: [`it has ${known.join(', ')}`],
      ...(close.length === 0 ? {} : { next: [`Did you mean --only ${close.join(',')}?`] }),
    });
  }
  return only.length === 0 ? [...files] : files.filter(({ system }) => only.includes(system));
}
