// What tells that a bundle is still right, with a few looks at the disk.
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BundleRecord, countedAs, isFresh, readRecord, recordOf, writeRecord } from '../../../cli/images/inputs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const RECIPE = 7;

async function project(files: Readonly<Record<string, string>>): Promise<{ root: string; write: (file: string, text: string) => void; record: (inputs: readonly string[]) => Promise<BundleRecord> }> {
  const root = await temporaryFolder();
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { root, write, record: async (inputs) => ({ ...(await recordOf(RECIPE, root, inputs)), hash: 'h' }) };
}

describe('a record of inputs', () => {
  test('names each file once, by its place in the project, in order; what a bundler makes up is none', async () => {
    const { root, record } = await project({ 'services/a/main.ts': 'x', 'services/kit/log.ts': 'yy' });
    const { inputs, recipe } = await record(['services/kit/log.ts', './services/a/main.ts', path.join(root, 'services/a/main.ts'), '<define:x>', '<stdin>']);
    expect(Object.keys(inputs)).toEqual(['services/a/main.ts', 'services/kit/log.ts']);
    expect([recipe, inputs['services/kit/log.ts']?.split(':')[1]]).toEqual([RECIPE, '2']);
  });

  test('counts a package by its package.json alone', async () => {
    const { record } = await project({ 'node_modules/pg/package.json': '{}', 'node_modules/pg/lib/a.js': '', 'node_modules/pg/lib/b.js': '' });
    expect(Object.keys((await record(['node_modules/pg/lib/a.js', 'node_modules/pg/lib/b.js'])).inputs)).toEqual(['node_modules/pg/package.json']);
  });

  test('is right while nothing changes, and of no use with another recipe', async () => {
    const { root, record } = await project({ a: '1', b: '2' });
    const known = await record(['a', 'b']);
    expect([await isFresh(known, RECIPE, root), await isFresh(known, RECIPE + 1, root)]).toEqual([true, false]);
  });

  test.each<[string, (root: string) => void]>([
    ['a file that grew', (root) => writeFileSync(path.join(root, 'a'), 'longer')],
    ['a file of the same length and a later time', (root) => utimesSync(path.join(root, 'a'), new Date(2030, 1), new Date(2030, 1))],
    ['a file that is gone', (root) => rmSync(path.join(root, 'a'))],
    ['a file that became a folder', (root) => {
      rmSync(path.join(root, 'a'));
      mkdirSync(path.join(root, 'a'));
    }],
  ])('%s makes it stale', async (_, change) => {
    const { root, record } = await project({ a: '1', b: '2' });
    const known = await record(['a', 'b']);
    change(root);
    expect(await isFresh(known, RECIPE, root)).toBe(false);
  });

  test('that named a missing file is right until that file appears', async () => {
    const { root, write, record } = await project({ a: '1' });
    const known = await record(['a', 'missing']);
    expect(known.inputs['missing']).toBe('gone');
    expect(await isFresh(known, RECIPE, root)).toBe(true);
    write('missing', 'now here');
    expect(await isFresh(known, RECIPE, root)).toBe(false);
  });

  test('of any files: changing any one of them makes it stale, and putting its time and size back makes it right', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 });
    await fc.assert(fc.asyncProperty(names, fc.nat(), async (files, at) => {
      const { root, write, record } = await project(Object.fromEntries(files.map((file) => [file, 'text'])));
      const time = new Date(2026, 1);
      for (const file of files) utimesSync(path.join(root, file), time, time);
      const known = await record(files);
      const one = files[at % files.length] ?? '';
      write(one, 'other text');
      expect(await isFresh(known, RECIPE, root)).toBe(false);
      write(one, 'text');
      utimesSync(path.join(root, one), time, time);
      expect(await isFresh(known, RECIPE, root)).toBe(true);
    }), { numRuns: 20 });
  });
});

describe('inputs.json', () => {
  const record: BundleRecord = { recipe: RECIPE, inputs: { a: '1:2' }, hash: 'h' };

  test('is read as it was written, and nothing else is left', async () => {
    const folder = await temporaryFolder();
    expect(await readRecord(folder)).toBeUndefined();
    await writeRecord(folder, record);
    expect(await readRecord(folder)).toEqual(record);
    expect(readdirSync(folder)).toEqual(['inputs.json']);
    await writeRecord(folder, { ...record, hash: 'other' });
    expect(JSON.parse(readFileSync(path.join(folder, 'inputs.json'), 'utf8'))).toMatchObject({ hash: 'other' });
  });

  test('that was cut off anywhere counts as none', async () => {
    const folder = await temporaryFolder();
    const text = JSON.stringify(record);
    for (let length = 0; length < text.length; length++) {
      writeFileSync(path.join(folder, 'inputs.json'), text.slice(0, length));
      expect(await readRecord(folder)).toBeUndefined();
    }
  });
});

test('what a file counts as is in the same package, or the file itself', () => {
  const segment = fc.stringMatching(/^[a-z][a-z0-9.-]{0,6}$/).filter((name) => name !== 'node_modules');
  fc.assert(fc.property(fc.array(segment, { maxLength: 3 }), segment, fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean(), (before, name, inside, scoped) => {
    const home = [...before, 'node_modules', ...(scoped ? [`@${name}`] : []), name].join('/');
    expect(countedAs([home, ...inside].join('/'))).toBe(`${home}/package.json`);
    expect(countedAs(inside.join('/'))).toBe(inside.join('/'));
  }));
});
