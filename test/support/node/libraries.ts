import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** Files for an image: path in the image → file of this machine. */
export type Files = Record<string, string>;

/** The libraries that these programs and libraries of this machine are linked with, each where they look for it. */
export function librariesOf(files: readonly string[], env: NodeJS.ProcessEnv = {}): Files {
  const { stdout } = spawnSync('ldd', [...files], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
  return Object.fromEntries([...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, at = '']) => [at, at]));
}

/** Programs of this machine in /bin of an image, with their libraries; `sh` is Debian's. */
export function programFiles(names: readonly string[]): Files {
  const programs = names.map((name) => [name, realpathSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())] as const);
  return { ...librariesOf(programs.map(([, file]) => file)), ...Object.fromEntries(programs.map(([name, file]) => [`/bin/${name}`, file])) };
}

/** A folder of this machine at a place of the image; links become what they lead to. Links that lead nowhere are left out. */
export function folderFiles(folder: string, at: string, wanted: (file: string) => boolean = () => true): Files {
  const files: Files = {};
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found || !wanted(file)) continue;
    if (found.isDirectory()) Object.assign(files, folderFiles(file, `${at}/${name}`, wanted));
    else files[`${at}/${name}`] = file;
  }
  return files;
}
