import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';

export const DEFINITION_FILE = 'todoctl.yaml';

const LARGEST_BYTES = 1024 * 1024;
const MARK = '\ufeff';

/** The text of a definition and where it lies. */
export interface Source {
  /** Absolute path. */
  file: string;
  /** The project's root: the folder of the file. */
  root: string;
  /** The file as a person in `cwd` would name it. */
  shown: string;
  /** Without its byte order mark. */
  text: string;
  /** The byte order mark that the file begins with, or nothing: whoever writes the file anew puts it back. */
  mark: string;
}

/**
 * Looks for todoctl.yaml in `cwd` and upwards and reads it.
 * Errors: TODOCTL_DEFINITION_NOT_FOUND, _UNREADABLE, _TOO_LARGE, _BINARY.
 */
export async function readDefinition(cwd: string): Promise<Source> {
  const file = await findUpwards(path.resolve(cwd));
  if (file === undefined) {
    throw new TodoctlError('TODOCTL_DEFINITION_NOT_FOUND', { details: [`looked in ${cwd} and above`] });
  }
  const shown = path.relative(cwd, file) || file;
  return { file, root: path.dirname(file), shown, ...(await readText(file, shown)) };
}

async function findUpwards(folder: string): Promise<string | undefined> {
  for (let here = folder; ; here = path.dirname(here)) {
    const candidate = path.join(here, DEFINITION_FILE);
    if (await exists(candidate)) return candidate;
    if (here === path.dirname(here)) return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    // A file that is there but closed to us is found; reading it says why it cannot be read.
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES';
  }
}

async function readText(file: string, shown: string): Promise<Pick<Source, 'text' | 'mark'>> {
  let bytes: Buffer;
  try {
    const { size } = await regularFile(file);
    if (size > LARGEST_BYTES) {
      throw new TodoctlError('TODOCTL_DEFINITION_TOO_LARGE', { message: `${shown} has ${size} bytes; at most ${LARGEST_BYTES} are read` });
    }
    await using handle = await open(file);
    bytes = await handle.readFile();
  } catch (error) {
    if (error instanceof TodoctlError) throw error;
    throw new TodoctlError('TODOCTL_DEFINITION_UNREADABLE', { message: `${shown} cannot be read (${reason(error)})`, cause: error });
  }
  try {
    if (bytes.includes(0)) throw new TypeError('NUL byte');
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith(MARK) ? MARK : '';
    return { text: text.slice(mark.length), mark };
  } catch (error) {
    throw new TodoctlError('TODOCTL_DEFINITION_BINARY', { message: `${shown} is not UTF-8 text`, cause: error });
  }
}

async function regularFile(file: string): Promise<{ size: number }> {
  const found = await stat(file);
  if (!found.isFile()) throw new Error('not a regular file');
  return found;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
