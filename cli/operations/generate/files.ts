import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { textIfThere, writeWhole } from '../text-file.ts';

export interface MadeFile {
  /** Relative to `Made.root`. */
  path: string;
  text: string;
}

export interface Made {
  root: string;
  files: { path: string; is: 'made' | 'changed' | 'unchanged' }[];
}

/** What todoctl writes at the head of a file that it may write anew. */
const OURS = /Made by todoctl from /;

/** Writes files in order, each whole or not at all. Errors: TODOCTL_FILE_UNUSABLE. */
export async function writeAll(root: string, files: readonly MadeFile[]): Promise<Made> {
  const made: Made['files'] = [];
  for (const { path: file, text } of files) {
    const target = path.join(root, file);
    const old = await textIfThere(target);
    made.push({ path: file, is: old === undefined ? 'made' : old === text ? 'unchanged' : 'changed' });
    if (old === text) continue;
    await writeWhole(target, text);
  }
  return { root, files: made };
}

/** Errors: TODOCTL_FILE_NOT_OURS, when one of the files is there and a person wrote it. Nothing is written then. */
export async function refuseForeign(root: string, files: readonly MadeFile[]): Promise<void> {
  const foreign: string[] = [];
  for (const { path: file, text } of files) {
    const old = await textIfThere(path.join(root, file));
    if (old !== undefined && old !== text && !OURS.test(old.slice(0, 500))) foreign.push(file);
  }
  if (foreign.length > 0) throw new TodoctlError('TODOCTL_FILE_NOT_OURS', { message: `${root} has files of these names that todoctl did not write`, details: foreign });
}
