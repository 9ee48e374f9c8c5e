import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Rendered } from '../../render/rendered.ts';
import { isUnfinished, removeUnfinished, textIfThere, unusable, writeWhole } from '../text-file.ts';

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

/** What a render is of. */
export type About = Omit<Index, 'files'>;

/** What rendering would change in a folder. Changes nothing. Errors: TODOCTL_FOLDER_NOT_RENDERED, TODOCTL_FOLDER_OF_ANOTHER. */
export async function compareFolder(folder: string, files: readonly Rendered[], only: readonly string[], about: About): Promise<Difference[]> {
  const index = await readIndex(folder);
  if (!index) throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${folder} was not written by todoctl render` });
  refuseOther(folder, index, about);
  return differences(folder, index, files, only);
}

/**
 * Writes what is different, and removes what an earlier render wrote and this one does not. With `only`, files of other systems stay.
 * What a render that was killed left half written goes too. Answers what was different. Once `stop` is aborted no file more is written; the next render goes on. Errors: TODOCTL_FOLDER_NOT_OURS, TODOCTL_FOLDER_OF_ANOTHER, TODOCTL_FILE_UNUSABLE.
 */
export async function writeFolder(folder: string, files: readonly Rendered[], only: readonly string[], about: About, stop?: AbortSignal): Promise<Difference[]> {
  const index = await readIndex(folder);
  if (index) refuseOther(folder, index, about);
  const foreign = index ? [] : (await filesIn(folder)).filter((name) => !isUnfinished(name, INDEX));
  if (foreign.length > 0) throw new TodoctlError('TODOCTL_FOLDER_NOT_OURS', { message: `${folder} holds files that no render wrote` });
  const found = await differences(folder, index ?? { ...about, files: {} }, files, only);
  const others = Object.entries(index?.files ?? {}).filter(([, system]) => only.length > 0 && !only.includes(system));
  const wanted = Object.fromEntries([...others, ...files.map((file) => [file.path, file.system] as const)].sort(([a], [b]) => (a < b ? -1 : 1)));
  await removeUnfinished([INDEX, ...Object.keys({ ...index?.files, ...wanted })].map((file) => path.join(folder, file)));
  // The index names a file before it is there: what an interrupted run leaves is still known as ours.
  await writeIndex(folder, { ...about, files: { ...index?.files, ...wanted } });
  for (const { path: file, is } of found) {
    stop?.throwIfAborted();
    const text = files.find((rendered) => rendered.path === file)?.text ?? '';
    if (is === 'removed') await remove(folder, file);
    else await writeWhole(path.join(folder, file), text);
  }
  await writeIndex(folder, { ...about, files: wanted });
  return found;
}

/** The index of a rendered folder; undefined where there is none. Errors: TODOCTL_FOLDER_NOT_RENDERED for one that is broken. */
export async function readIndex(folder: string): Promise<Index | undefined> {
  const text = await textIfThere(path.join(folder, INDEX));
  if (text === undefined) return undefined;
  const index = attempt(() => parse(text) as Partial<Index> | null);
  if (index && typeof index.files === 'object' && index.files !== null && Object.keys(index.files).every(staysInside)) return index as Index;
  throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${path.join(folder, INDEX)} is not what todoctl render writes` });
}

/** The index says what may be removed: whoever could write it must not reach other folders by it. */
function staysInside(file: string): boolean {
  return !path.isAbsolute(file) && !file.split(/[/\\]/).includes('..');
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** One folder holds one environment: a render of another would remove what is there, file by file. Errors: TODOCTL_FOLDER_OF_ANOTHER. */
export function refuseOther(folder: string, index: Index, { platform, environment }: About): void {
  if (index.platform === platform && index.environment === environment) return;
  throw new TodoctlError('TODOCTL_FOLDER_OF_ANOTHER', { message: `${folder} holds ${index.environment} of ${index.platform}, not ${environment} of ${platform}` });
}

async function differences(folder: string, index: Index, files: readonly Rendered[], only: readonly string[]): Promise<Difference[]> {
  const wanted = new Map(files.map((file) => [file.path, file.text]));
  const before = Object.entries(index.files).filter(([, system]) => only.length === 0 || only.includes(system)).map(([file]) => file);
  const paths = [...new Set([...before, ...wanted.keys()])].sort();
  const found: Difference[] = [];
  for (const file of paths) {
    const old = await textIfThere(path.join(folder, file));
    const now = wanted.get(file);
    if (old === now) continue;
    // Loaded where there is something to show: most renders change nothing.
    const { createTwoFilesPatch } = await import('diff');
    const diff = createTwoFilesPatch(old === undefined ? '/dev/null' : file, now === undefined ? '/dev/null' : file, old ?? '', now ?? '', '', '', { context: 3 });
    found.push({ path: file, is: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed', diff: diff.replace(/^(?:Index: .*\n)?=+\n/, '') });
  }
  return found;
}

async function writeIndex(folder: string, index: Index): Promise<void> {
  await writeWhole(path.join(folder, INDEX), `# What todoctl render wrote here; the next one goes by it.\n${stringify(index)}`);
}

/** With the folders above it that are empty then. */
async function remove(folder: string, file: string): Promise<void> {
  const target = path.join(folder, file);
  await rm(target, { force: true }).catch((error: NodeJS.ErrnoException) => {
    throw unusable(target, 'removed', error);
  });
  for (let above = path.dirname(file); above !== '.'; above = path.dirname(above)) {
    const gone = await rmdir(path.join(folder, above)).then(() => true, () => false);
    if (!gone) return;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unusable(folder, 'written', error);
  });
}
