import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Rendered } from '../../render/environment.ts';

/** Lists what a render wrote, so that a later one knows what is its own. */
const INDEX = 'rendered.yaml';

export interface Index {
  platform: string;
  environment: string;
  /** Path → system that it belongs to. */
  files: Record<string, string>;
}

export interface Difference {
  path: string;
  is: 'added' | 'changed' | 'removed';
  /** A unified diff, from what the folder has to what rendering gives. */
  diff: string;
}

/** What rendering would change in a folder. Changes nothing. Errors: TODOCTL_FOLDER_NOT_RENDERED. */
export async function compareFolder(folder: string, files: readonly Rendered[], only: readonly string[]): Promise<Difference[]> {
  const index = await readIndex(folder);
  if (!index) throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${folder} was not written by todoctl render` });
  return differences(folder, index, files, only);
}

/**
 * Writes what is different, and removes what an earlier render wrote and this one does not. With `only`, files of other systems stay.
 * Answers what was different. Errors: TODOCTL_FOLDER_NOT_OURS.
 */
export async function writeFolder(folder: string, files: readonly Rendered[], only: readonly string[], about: Omit<Index, 'files'>): Promise<Difference[]> {
  const index = await readIndex(folder);
  if (!index && (await filesIn(folder)).length > 0) throw new TodoctlError('TODOCTL_FOLDER_NOT_OURS', { message: `${folder} holds files that no render wrote` });
  const found = await differences(folder, index ?? { ...about, files: {} }, files, only);
  const others = Object.entries(index?.files ?? {}).filter(([, system]) => only.length > 0 && !only.includes(system));
  const wanted = Object.fromEntries([...others, ...files.map((file) => [file.path, file.system] as const)].sort(([a], [b]) => (a < b ? -1 : 1)));
  // The index names a file before it is there: what an interrupted run leaves is still known as ours.
  await writeIndex(folder, { ...about, files: { ...index?.files, ...wanted } });
  for (const { path: file, is } of found) {
    const text = files.find((rendered) => rendered.path === file)?.text ?? '';
    if (is === 'removed') await rm(path.join(folder, file), { force: true });
    else await writeText(path.join(folder, file), text);
  }
  await writeIndex(folder, { ...about, files: wanted });
  return found;
}

/** The index of a rendered folder; undefined where there is none. Errors: TODOCTL_FOLDER_NOT_RENDERED for a broken one. */
export async function readIndex(folder: string): Promise<Index | undefined> {
  const text = await textOf(path.join(folder, INDEX));
  if (text === undefined) return undefined;
  const index = parse(text) as Partial<Index> | null;
  if (typeof index?.files === 'object') return index as Index;
  throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${path.join(folder, INDEX)} is not what todoctl render writes` });
}

async function differences(folder: string, index: Index, files: readonly Rendered[], only: readonly string[]): Promise<Difference[]> {
  const wanted = new Map(files.map((file) => [file.path, file.text]));
  const before = Object.entries(index.files).filter(([, system]) => only.length === 0 || only.includes(system)).map(([file]) => file);
  const paths = [...new Set([...before, ...wanted.keys()])].sort();
  const found: Difference[] = [];
  for (const file of paths) {
    const old = await textOf(path.join(folder, file));
    const now = wanted.get(file);
    if (old === now) continue;
    // Loaded where there is something to show: most renders change nothing.
    const { createTwoFilesPatch } = await import('diff');
    const diff = createTwoFilesPatch(old === undefined ? '/dev/null' : file, now === undefined ? '/dev/null' : file, old ?? '', now ?? '', '', '', { context: 3 });
    found.push({ path: file, is: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed', diff: diff.replace(/^=+\n/, '') });
  }
  return found;
}

async function writeIndex(folder: string, index: Index): Promise<void> {
  await writeText(path.join(folder, INDEX), `# What todoctl render wrote here; the next one goes by it.\n${stringify(index)}`);
}

async function writeText(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
