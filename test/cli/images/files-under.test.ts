import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filesUnder } from '../../../cli/images/files-under.ts';

test('all files below a folder, sorted by their whole path, in whatever order they were made', async () => {
  const name = fc.stringMatching(/^[a-z]{1,3}$/);
  const file = fc.tuple(fc.array(name, { maxLength: 2 }), name).map(([folders, last]) => [...folders.map((folder) => `${folder}.d`), last].join('/'));
  await fc.assert(fc.asyncProperty(fc.uniqueArray(file, { minLength: 1, maxLength: 8 }), async (files) => {
    const root = mkdtempSync(path.join(tmpdir(), 'files-under-'));
    for (const one of files) {
      mkdirSync(path.dirname(path.join(root, one)), { recursive: true });
      writeFileSync(path.join(root, one), '');
    }
    expect(await filesUnder(root)).toEqual(files.map((one) => path.join(root, one)).sort());
    rmSync(root, { recursive: true });
  }), { numRuns: 30 });
});

test('none where there is no folder', async () => {
  expect(await filesUnder('/nowhere/at/all')).toEqual([]);
});
