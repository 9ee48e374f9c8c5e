// bin/setup.js on a project of its own, with an npm and a build that leave a mark instead of working.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const source = path.resolve(import.meta.dirname, '../../bin/setup.js');
let root: string;

/** A fresh clone. */
beforeEach(async () => {
  root = await temporaryFolder();
  for (const folder of ['bin', 'cli/io', 'services/kit']) await mkdir(path.join(root, folder), { recursive: true });
  await cp(source, path.join(root, 'bin/setup.js'));
  await put('package.json', '{"type":"module"}');
  await put('package-lock.json', '{}');
  await put('cli/io/io.ts', '');
  await put('services/kit/log.ts', '');
  await put('bin/build.js', "import { mkdirSync, writeFileSync } from 'node:fs'; mkdirSync('dist', { recursive: true }); writeFileSync('dist/.built', ''); console.log('built');");
  await put(
    'npm.cjs',
    `const { mkdirSync, writeFileSync, symlinkSync, existsSync } = require('node:fs');
     console.log('npm ' + process.argv.slice(2).join(' '));
     if (existsSync('npm-fails')) process.exit(7);
     mkdirSync('node_modules/node/bin', { recursive: true });
     if (!existsSync('node_modules/node/bin/node')) symlinkSync(process.execPath, 'node_modules/node/bin/node');
     writeFileSync('node_modules/.package-lock.json', '');`,
  );
});

async function put(file: string, text: string): Promise<void> {
  await writeFile(path.join(root, file), text);
}

/** Makes a file look changed after everything that was made so far. */
async function touch(file: string): Promise<void> {
  const later = new Date(Date.now() + 10_000);
  await utimes(path.join(root, file), later, later);
}

function setup(): { status: number | null; stdout: string; did: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'bin/setup.js')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: path.join(root, 'npm.cjs') },
  });
  return { status, stdout, did: stderr.split('\n').filter((line) => /^(npm|built)/.test(line)) };
}

test('a fresh clone is installed and built', () => {
  expect(setup()).toEqual({ status: 0, stdout: '', did: ['npm ci --loglevel=error', 'built'] });
});

test('what is fresh is left alone', () => {
  setup();
  expect(setup()).toEqual({ status: 0, stdout: '', did: [] });
});

test('a newer lockfile is installed, and built from', async () => {
  setup();
  await touch('package-lock.json');
  expect(setup().did).toEqual(['npm ci --loglevel=error', 'built']);
});

test.each(['cli/io/io.ts', 'services/kit/log.ts', 'bin/build.js', 'cli/io'])('a newer %s is built', async (file) => {
  setup();
  await touch(file);
  expect(setup().did).toEqual(['built']);
});

test('a dist/ whose build did not end is built again', async () => {
  setup();
  await rm(path.join(root, 'dist/.built'));
  expect(setup().did).toEqual(['built']);
});

test('when npm fails, nothing is built and its exit code is ours', async () => {
  await put('npm-fails', '');
  expect(setup()).toEqual({ status: 7, stdout: '', did: ['npm ci --loglevel=error'] });
});

test('when the build fails, so does the set-up', async () => {
  setup();
  await put('bin/build.js', 'process.exit(5);');
  await touch('bin/build.js');
  expect(setup().status).toBe(5);
});

test('package.json runs it before everything that needs packages or dist/', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(path.dirname(source), '../package.json'), 'utf8')) as { scripts: Record<string, string> };
  for (const name of ['demo', 'test', 'test:real', 'bench']) expect(scripts[`pre${name}`], name).toBe('node bin/setup.js');
});
