import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Absolute paths of all files in a folder and below it, sorted; none where there is no folder. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).sort();
}
