import { chmodSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut, type Layout } from '../../../cli/images/layout.ts';
import { imageTag, sourceTags } from '../../../cli/images/source-tags.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SOURCES: Readonly<Record<string, string>> = {
  'services/hello/main.ts': "import { greet } from '../kit/greet.ts';\nconsole.log(greet('hello'), await import('./late.ts'));\n",
  'services/hello/late.ts': 'export const late = 1;\n',
  'services/web/main.ts': "import { greet } from '../kit/greet.ts';\nconsole.log(greet('web'));\n",
  'services/web/public/index.html': '<h1>web</h1>\n',
  'services/web/public/deep/a.css': 'a {}\n',
  'services/kit/greet.ts': 'export const greet = (name: string): string => name;\n',
  'services/Dockerfile': 'ARG BASE=node:26\nFROM ${BASE}\n',
  'services/start.js': '// starts\n',
  'package-lock.json': '{}\n',
};
const SERVICES = ['hello', 'web'];

/** A project whose files were written in this order. */
async function project(files: readonly string[] = Object.keys(SOURCES)): Promise<string> {
  const root = await temporaryFolder();
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), SOURCES[file] ?? '');
  }
  return root;
}

const layout = (root: string, services: readonly string[] = SERVICES): Promise<Layout> => layOut({ root, services, folder: path.join(root, '.todoctl/far'), progress: () => undefined });

/** Name, mode, time and bytes of all files: all that goes into a layer of an image. */
function bytesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = statSync(file);
    return `${path.relative(folder, file)} ${(mode & 0o777).toString(8)} ${mtimeMs} ${readFileSync(file, 'base64')}`;
  }).sort();
}

test('holds the bundles, their files, what starts them, and nothing else of the project', async () => {
  const { folder, dockerfile } = await layout(await project());
  const files = bytesOf(folder).map((line) => line.split(' ')[0] ?? '');
  expect(files.filter((file) => !file.includes('/chunks/'))).toEqual([
    'dist/services/hello/main.js', 'dist/services/web/main.js', 'dist/services/web/public/deep/a.css', 'dist/services/web/public/index.html', 'package.json', 'services/Dockerfile', 'services/start.js',
  ]);
  expect(files.filter((file) => file.includes('/chunks/'))).toHaveLength(1);
  expect(dockerfile).toBe(path.join(folder, 'services/Dockerfile'));
});

test('in whatever order files were written and services are named, from whatever folder: the same bytes, times, modes and hash', async () => {
  const first = await layout(await project());
  const expected = bytesOf(first.folder);
  for (const line of expected) expect(line).toMatch(/^\S+ 644 0 /);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(Object.keys(SOURCES), { minLength: Object.keys(SOURCES).length }), fc.shuffledSubarray(SERVICES, { minLength: 2 }), async (files, services) => {
      const root = await project(files);
      const other = await layout(root, services);
      expect(bytesOf(other.folder)).toEqual(expected);
      expect(other.hash).toBe(first.hash);
      await rm(root, { recursive: true, force: true });
    }),
    { numRuns: 8 },
  );
});

test('again, and after files got other times and modes: the same; after one changed: another', async () => {
  const root = await project();
  const first = await layout(root);
  const before = bytesOf(first.folder);
  expect((await layout(root)).hash).toBe(first.hash);
  for (const file of Object.keys(SOURCES)) {
    utimesSync(path.join(root, file), 1000, 1000);
    chmodSync(path.join(root, file), 0o600);
  }
  const again = await layout(root);
  expect([again.hash, bytesOf(again.folder)]).toEqual([first.hash, before]);
  const hashes = [first.hash];
  for (const file of ['services/hello/late.ts', 'services/web/public/deep/a.css', 'services/start.js', 'services/Dockerfile']) {
    await writeFile(path.join(root, file), `${SOURCES[file] ?? ''}\n${file.endsWith('.ts') ? 'export const more = 2;' : '# more'}\n`);
    hashes.push((await layout(root)).hash);
  }
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('a file that is gone from the project is gone from the image', async () => {
  const root = await project();
  await layout(root);
  await rm(path.join(root, 'services/web/public/deep'), { recursive: true });
  await rm(path.join(root, 'services/hello/late.ts'));
  await writeFile(path.join(root, 'services/hello/main.ts'), 'console.log(1);\n');
  const { folder } = await layout(root);
  expect(bytesOf(folder).map((line) => line.split(' ')[0])).toEqual(['dist/services/hello/main.js', 'dist/services/web/main.js', 'dist/services/web/public/index.html', 'package.json', 'services/Dockerfile', 'services/start.js']);
});

test('code that cannot be bundled leaves no layout that could be taken for one', async () => {
  const root = await project();
  await layout(root);
  await writeFile(path.join(root, 'services/hello/main.ts'), "import './nowhere.ts';\n");
  await expect(layout(root)).rejects.toMatchObject({ code: 'TODOCTL_BUNDLE_FAILED' });
  expect(() => statSync(path.join(root, '.todoctl/far/image/services/Dockerfile'))).toThrow();
});

test('tags do not depend on the order of files and services either', async () => {
  const tags = await sourceTags(await project(), SERVICES);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(Object.keys(SOURCES), { minLength: Object.keys(SOURCES).length }), fc.shuffledSubarray(SERVICES, { minLength: 2 }), async (files, services) => {
      const root = await project(files);
      const others = await sourceTags(root, services);
      expect(others).toEqual(tags);
      expect(imageTag(others)).toBe(imageTag(tags));
      await rm(root, { recursive: true, force: true });
    }),
    { numRuns: 20 },
  );
});
