import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';

/** The text of a file; undefined where there is none. Errors: TODOCTL_FILE_UNUSABLE. */
export async function textIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unusable(file, 'read', error);
  });
}

/** Writes a file whole or not at all, with the folders above it; a link stays a link, and who may read it stays. Errors: TODOCTL_FILE_UNUSABLE. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  // A name of its own: another todoctl may write the same file now.
  const beside = path.join(path.dirname(target), `${startOfUnfinished(target)}${randomUUID().slice(0, 8)}.new`);
  try {
    const mode = await stat(target).then((found) => found.mode & 0o777, () => 0o666);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(beside, text, { mode });
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw unusable(file, 'written', error as NodeJS.ErrnoException);
  }
}

/** So long another todoctl may be about to finish what it writes, which takes it milliseconds. */
const UNFINISHED_MS = 60_000;

/** Removes what a writing of these files left beside them when it was killed in the middle. What cannot be removed stays. */
export async function removeUnfinished(files: readonly string[]): Promise<void> {
  await Promise.all(
    [...Map.groupBy(files, (file) => path.dirname(file))].map(async ([folder, here]) => {
      const there = await readdir(folder).catch(() => []);
      const left = there.filter((name) => here.some((file) => isUnfinished(name, file)));
      for (const file of left.map((name) => path.join(folder, name))) {
        const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
        if (Date.now() - mtimeMs > UNFINISHED_MS) await rm(file, { force: true }).catch(() => undefined);
      }
    }),
  );
}

const UNFINISHED = /[0-9a-f]{8}\.new$/;

/** True for the name of what a writing of the file left that was killed in the middle. */
export function isUnfinished(name: string, file: string): boolean {
  return UNFINISHED.test(name) && name.replace(UNFINISHED, '') === startOfUnfinished(file);
}

function startOfUnfinished(file: string): string {
  return `.${path.basename(file).slice(0, 200)}.`;
}

/** Says of a file or folder in a person's words why it cannot be used. */
export function unusable(file: string, done: 'read' | 'written' | 'removed', error: NodeJS.ErrnoException): TodoctlError {
  return new TodoctlError('TODOCTL_FILE_UNUSABLE', { message: `${file} cannot be ${done}: ${REASONS[error.code ?? ''] ?? error.message}`, cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not',
  EPERM: 'you may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  ENOTDIR: 'a file stands where a folder must be',
  EEXIST: 'a file stands where a folder must be',
  EISDIR: 'a folder stands there',
  ENAMETOOLONG: 'the name is too long',
};
