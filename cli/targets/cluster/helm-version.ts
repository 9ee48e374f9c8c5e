import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Helm } from './helm.ts';

/**
 * Sees that helm is there and recent enough. A helm that was asked once is not started again as long as the file is the same, so that a
 * deploy that changes nothing starts none. Errors: TODOCTL_HELM_MISSING.
 */
export async function helmIsThere(helm: Pick<Helm, 'version'>, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const file = await programOn(env['PATH'] ?? '', 'helm');
  if (file === undefined) throw new TodoctlError('TODOCTL_HELM_MISSING', { message: 'helm is not on the PATH' });
  const { mtimeMs, size, ino } = await stat(file);
  const mark = `${file} ${ino} ${size} ${mtimeMs}`;
  const seen = path.join(folder, 'helm', 'version');
  const [known, said] = (await readFile(seen, 'utf8').catch(() => '')).split('\n');
  const version = known === mark && said ? said : await helm.version();
  if (!isRecent(version)) throw new TodoctlError('TODOCTL_HELM_MISSING', { message: `helm ${version} is too old` });
  if (known === mark) return;
  await mkdir(path.dirname(seen), { recursive: true, mode: 0o700 });
  await writeFile(seen, `${mark}\n${version}\n`, { mode: 0o600 });
}

/** True when helm is recent enough for the flags that are used. */
export function isRecent(version: string): boolean {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 18);
}

async function programOn(search: string, name: string): Promise<string | undefined> {
  for (const folder of search.split(path.delimiter).filter(Boolean)) {
    const file = path.join(folder, name);
    if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
  }
  return undefined;
}
