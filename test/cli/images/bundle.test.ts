import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleService } from '../../../cli/images/bundle.ts';
import { countedAs } from '../../../cli/images/inputs.ts';

let root: string;
const outDir = (): string => path.join(root, 'out');
const source = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, 'services/greeter', file)), { recursive: true });
  writeFileSync(path.join(root, 'services/greeter', file), text);
};
const bundle = (): ReturnType<typeof bundleService> => bundleService({ root, name: 'greeter', outDir: outDir() });
const run = (entry: string): string => execFileSync(process.execPath, [entry], { encoding: 'utf8' }).trim();

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'todoctl-bundle-'));
  source('word.ts', `export const word: string = 'hello';`);
  source('late.ts', `export const late = 'later';`);
  source('main.ts', `import { word } from './word.ts';\nconsole.log(word, (await import('./late.ts')).late);`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a service becomes one folder that runs by itself', async () => {
  const { entry } = await bundle();
  rmSync(path.join(root, 'services'), { recursive: true });
  expect(run(entry)).toBe('hello later');
});

test('what is imported late is a chunk of its own', async () => {
  const { entry } = await bundle();
  expect(readFileSync(entry, 'utf8')).not.toContain('later');
  expect(readdirSync(path.join(outDir(), 'chunks')).some((file) => file.startsWith('late-'))).toBe(true);
});

test('nothing is done again while no input changes', async () => {
  const first = await bundle();
  expect(first.fresh).toBe(false);
  expect(await bundle()).toEqual({ ...first, fresh: true });
});

test('a changed input gives another bundle and another hash, and no old chunk stays', async () => {
  const first = await bundle();
  source('late.ts', `export const late = 'much later';`);
  const second = await bundle();
  expect(second.fresh).toBe(false);
  expect(second.hash).not.toBe(first.hash);
  expect(run(second.entry)).toBe('hello much later');
  expect(readdirSync(path.join(outDir(), 'chunks')).filter((file) => file.startsWith('late-'))).toHaveLength(1);
});

test('a file that is touched but not changed gives the same hash', async () => {
  const first = await bundle();
  source('word.ts', `export const word: string = 'hello'; // said twice`);
  const second = await bundle();
  expect(second).toEqual({ ...first, fresh: false });
});

test('an input that is gone, a record that is cut off: bundled anew', async () => {
  const first = await bundle();
  writeFileSync(path.join(outDir(), 'inputs.json'), '{"recipe":');
  expect((await bundle()).fresh).toBe(false);
  source('main.ts', `console.log('alone');`);
  rmSync(path.join(root, 'services/greeter/word.ts'));
  const alone = await bundle();
  expect(alone.hash).not.toBe(first.hash);
  expect(run(alone.entry)).toBe('alone');
});

test('static files lie beside the bundle, and one that is added is noticed', async () => {
  source('public/index.html', '<h1>Tasks</h1>');
  const first = await bundle();
  expect(readFileSync(path.join(outDir(), 'public/index.html'), 'utf8')).toBe('<h1>Tasks</h1>');
  source('public/app.js', 'alert(1)');
  const second = await bundle();
  expect(second.hash).not.toBe(first.hash);
  expect(readdirSync(path.join(outDir(), 'public'))).toEqual(['app.js', 'index.html']);
});

test('a mistake in the code is shown with its place, and the bundle that was stays', async () => {
  const { entry } = await bundle();
  source('word.ts', 'export const word: = 1;');
  await expect(bundle()).rejects.toMatchObject({
    code: 'TODOCTL_BUNDLE_FAILED',
    details: [expect.stringMatching(/^services\/greeter\/word\.ts:1:20 Unexpected/)],
  });
  expect(run(entry)).toBe('hello later');
});

test('esbuild that is ended from outside is no mistake in the code, and the next run bundles it', async () => {
  // It is in the middle of it for sure once it has opened a file that has no end yet.
  const endless = path.join(root, 'services/greeter/word.ts');
  rmSync(endless);
  execFileSync('mkfifo', [endless]);
  // In a process of its own: esbuild does not come back in the one in which it was ended.
  const script = `
    import { readFileSync } from 'node:fs';
    import { open } from 'node:fs/promises';
    import { bundleService } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../../cli/images/bundle.ts'))};
    const going = bundleService(${JSON.stringify({ root, name: 'greeter', outDir: outDir() })}).then(() => ({}), (error) => error);
    await open(${JSON.stringify(endless)}, 'w');
    process.kill(Number(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8')), 'SIGKILL');
    console.log(JSON.stringify(await going));`;
  const error = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as object;
  rmSync(endless);
  source('word.ts', "export const word = 'hello';");
  expect(error).toMatchObject({ code: 'TODOCTL_BUNDLE_FAILED', why: expect.stringContaining('may be fine') as string });
  expect(run((await bundle()).entry)).toBe('hello later');
});

test.each([
  ['node_modules/pg/lib/client.js', 'node_modules/pg/package.json'],
  ['node_modules/@dapr/dapr/index.js', 'node_modules/@dapr/dapr/package.json'],
  ['node_modules/a/node_modules/b/x/y.js', 'node_modules/a/node_modules/b/package.json'],
  ['services/kit/log.ts', 'services/kit/log.ts'],
])('%s counts as %s', (input, counted) => {
  expect(countedAs(input)).toBe(counted);
});
