import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Makes the private folder of an environment, which nobody else may read and the project's version control must never see. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(path.dirname(folder), '.gitignore'), '*\n');
}
