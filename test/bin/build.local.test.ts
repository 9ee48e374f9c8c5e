// bin/build.js on this project: what is built stays, what is strange goes, what is the same is not touched.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

function build(): void {
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'bin/build.js')], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

/** Every built file with its time. */
function times(): Record<string, number> {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== '.built');
  return Object.fromEntries(files.map((entry) => [path.join(entry.parentPath, entry.name), statSync(path.join(entry.parentPath, entry.name)).mtimeMs]));
}

beforeAll(build);

test('a second build changes no file, so whoever runs from dist/ is not disturbed', () => {
  const before = times();
  build();
  expect(times()).toEqual(before);
});

test('what an earlier build left is removed, a half-written file too', () => {
  for (const name of ['stranger.js', 'fast-path.js.12345']) writeFileSync(path.join(dist, name), '');
  build();
  expect(['stranger.js', 'fast-path.js.12345'].filter((name) => existsSync(path.join(dist, name)))).toEqual([]);
});

test('the fast path is one small file that imports nothing but Node', () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(path.join(dist, 'fast-path.js'))});
    console.log(loaded.filter((url) => !url.startsWith('node:')).length);`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout).toBe('1\n');
  expect(statSync(path.join(dist, 'fast-path.js')).size).toBeLessThan(100_000);
});
