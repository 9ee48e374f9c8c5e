import path from 'node:path';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Rendered } from '../../render/rendered.ts';
import type { Context } from '../context.ts';
import { endIfInterrupted } from '../interrupted.ts';
import { compareFolder, type Difference, writeFolder } from './folder.ts';
import { loadRendered } from './load.ts';

export interface RenderOptions {
  /** Systems to render, or names of their Helm releases; all when empty. */
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
  const systems = named(files, only);
  const picked = pick(files, systems);
  const folder = path.resolve(context.cwd, out ?? path.join('rendered', platform.environment.name));
  const about = { platform: platform.name, environment: platform.environment.name };
  await endIfInterrupted(context.stop);
  const differences = check ? await compareFolder(folder, picked, systems, about) : await writeFolder(folder, picked, systems, about, context.stop);
  return { environment: platform.environment.name, folder, files: picked.map(({ path: file, system }) => ({ path: file, system })), differences };
}

/** The rendered environment as one stream: its objects, or the other files of the systems that were picked when these have no object. */
export async function renderStream(context: Context, only: readonly string[]): Promise<{ environment: string; files: Rendered[] }> {
  const { platform, files } = await loadRendered(context);
  const picked = pick(files, named(files, only));
  const objects = picked.filter(({ owner }) => owner !== 'file');
  return { environment: platform.environment.name, files: objects.length > 0 ? objects : picked };
}

function pick(files: readonly Rendered[], systems: readonly string[]): Rendered[] {
  return systems.length === 0 ? [...files] : files.filter(({ system }) => systems.includes(system));
}

/** The systems that were asked for, by their names or by those of their Helm releases: strimzi is the kafka of this environment. */
function named(files: readonly Rendered[], only: readonly string[]): string[] {
  const known = [...new Set(files.map(({ system }) => system))];
  const releases = new Map(files.flatMap(({ path: file, system }) => (file.endsWith(VALUES) ? [[path.basename(file, VALUES), system] as const] : [])));
  const unknown = [...new Set(only)].filter((name) => !known.includes(name) && !releases.has(name));
  if (unknown.length > 0) {
    const close = unknown.flatMap((name) => nearest(name, [...known, ...releases.keys()]) ?? []);
    throw new TodoctlError('TODOCTL_SYSTEM_UNKNOWN', {
      message: `This environment has no system ${unknown.map((name) => name || '""').join(', ')}`,
      details: [`it has ${known.join(', ')}`],
      ...(close.length === 0 ? {} : { next: [`Did you mean --only ${close.join(',')}?`] }),
    });
  }
  return only.map((name) => (known.includes(name) ? name : (releases.get(name) ?? name)));
}

/** How the values file of a Helm release ends; what stands before is the release's name. */
const VALUES = '.values.yaml';
