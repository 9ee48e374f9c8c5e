// Files are written whole, and what stands in the way is said in a person's words.
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { textIfThere, unusable, writeWhole } from '../../../cli/operations/text-file.ts';
import { refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('writing', () => {
  test('makes the folders above, replaces what is there and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'a b/c/d.yaml');
    await writeWhole(file, 'one');
    await writeWhole(file, 'two');
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(path.dirname(file))).toEqual(['d.yaml']);
  });

  test('many at once all succeed, and one of them is there whole', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'd.yaml');
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeWhole(file, String(index).repeat(10_000))));
    expect(await textIfThere(file)).toMatch(/^(\d{1,2})\1{9999}$/);
    expect(await readdir(folder)).toEqual(['d.yaml']);
  });

  test('a link stays a link, and who may read the file stays', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'real'));
    await writeFile(path.join(folder, 'real/d.yaml'), 'one');
    await chmod(path.join(folder, 'real/d.yaml'), 0o600);
    await symlink('real/d.yaml', path.join(folder, 'd.yaml'));
    await writeWhole(path.join(folder, 'd.yaml'), 'two');
    expect((await lstat(path.join(folder, 'd.yaml'))).isSymbolicLink()).toBe(true);
    expect(await readFile(path.join(folder, 'real/d.yaml'), 'utf8')).toBe('two');
    expect((await stat(path.join(folder, 'real/d.yaml'))).mode & 0o777).toBe(0o600);
  });

  test('below a file, and over a folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), '');
    await mkdir(path.join(folder, 'folder'));
    const below = await refusal(writeWhole(path.join(folder, 'file/x'), ''));
    expect([below.code, below.message]).toEqual(['TODOCTL_FILE_UNUSABLE', `${folder}/file/x cannot be written: a file stands where a folder must be`]);
    expect((await refusal(writeWhole(path.join(folder, 'folder'), ''))).message).toBe(`${folder}/folder cannot be written: a folder stands there`);
    expect((await readdir(folder)).sort()).toEqual(['file', 'folder']);
  });
});

describe('reading', () => {
  test('what is not there, and what is below a file, is undefined', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), 'text');
    expect(await Promise.all(['file', 'none', 'file/x'].map((name) => textIfThere(path.join(folder, name))))).toEqual(['text', undefined, undefined]);
  });

  test('a folder', async () => {
    const folder = await temporaryFolder();
    expect((await refusal(textIfThere(folder))).message).toBe(`${folder} cannot be read: a folder stands there`);
  });
});

test.each([
  ['EACCES', 'you may not'],
  ['EROFS', 'the disk is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EMFILE', 'as Node says it'],
])('%s is said as: %s', (code, words) => {
  expect(unusable('/x', 'removed', Object.assign(new Error('as Node says it'), { code })).message).toBe(`/x cannot be removed: ${words}`);
});
