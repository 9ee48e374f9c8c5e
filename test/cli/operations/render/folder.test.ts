// A rendered folder: what a render writes there, what it removes, and what it never touches.
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { compareFolder, writeFolder } from '../../../../cli/operations/render/folder.ts';
import type { Rendered } from '../../../../cli/render/rendered.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const about = { platform: 'todo', environment: 'prod' };
const file = (name: string, text = `${name}\n`, system = name.split('/')[0] ?? ''): Rendered => ({ path: name, text, system, owner: 'applied' });
const both = [file('a/one.yaml'), file('b/two.yaml')];

/** A folder that both files were rendered to. */
async function rendered(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'out put');
  await writeFolder(folder, both, [], about);
  return folder;
}

async function has(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

const did = (differences: Awaited<ReturnType<typeof writeFolder>>): string[] => differences.map(({ path: name, is }) => `${name} ${is}`);

describe('writing', () => {
  test('again changes nothing; a file that was deleted or edited is made anew', async () => {
    const folder = await rendered();
    expect(await writeFolder(folder, both, [], about)).toEqual([]);
    await rm(path.join(folder, 'a/one.yaml'));
    await writeFile(path.join(folder, 'b/two.yaml'), 'mine\n');
    expect(did(await writeFolder(folder, both, [], about))).toEqual(['a/one.yaml added', 'b/two.yaml changed']);
    expect(await readFile(path.join(folder, 'b/two.yaml'), 'utf8')).toBe('b/two.yaml\n');
  });

  test('what is not rendered any more goes, with the folders that are empty then; others’ files stay', async () => {
    const folder = await rendered();
    await writeFile(path.join(folder, 'mine.yaml'), '');
    expect(did(await writeFolder(folder, [file('b/two.yaml')], [], about))).toEqual(['a/one.yaml removed']);
    expect(await has(folder)).toEqual(['b', 'b/two.yaml', 'mine.yaml', 'rendered.yaml']);
  });

  test('a folder that holds another’s file does not go', async () => {
    const folder = await rendered();
    await writeFile(path.join(folder, 'a/mine.yaml'), '');
    await writeFolder(folder, [], [], about);
    expect(await has(folder)).toEqual(['a', 'a/mine.yaml', 'rendered.yaml']);
  });

  test('of some systems leaves those of others', async () => {
    const folder = await rendered();
    expect(did(await writeFolder(folder, [file('a/new.yaml')], ['a'], about))).toEqual(['a/new.yaml added', 'a/one.yaml removed']);
    expect(await has(folder)).toEqual(['a', 'a/new.yaml', 'b', 'b/two.yaml', 'rendered.yaml']);
    expect(did(await compareFolder(folder, both, [], about))).toEqual(['a/new.yaml removed', 'a/one.yaml added']);
  });


  test('stopped in the middle, the next one goes on', async () => {
    const folder = path.join(await temporaryFolder(), 'out');
    const stop = new AbortController();
    stop.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
    expect((await refusal(writeFolder(folder, both, [], about, stop.signal))).code).toBe('TODOCTL_INTERRUPTED');
    expect(await has(folder)).toEqual(['rendered.yaml']);
    expect(did(await writeFolder(folder, both, [], about))).toEqual(['a/one.yaml added', 'b/two.yaml added']);
  });

  describe('after one that was killed in the middle', () => {
    /** As long ago as nobody writes one file. */
    async function leave(folder: string, name: string, minutes = 5): Promise<void> {
      const then = Date.now() / 1000 - minutes * 60;
      await writeFile(path.join(folder, name), 'half');
      await utimes(path.join(folder, name), then, then);
    }

    test('removes what it had half written, beside each file of this render and the one before', async () => {
      const folder = await rendered();
      for (const name of ['.rendered.yaml.0123abcd.new', 'a/.one.yaml.0123abcd.new', 'a/.one.yaml.ffffffff.new', 'b/.two.yaml.0123abcd.new']) await leave(folder, name);
      expect(did(await writeFolder(folder, [file('b/two.yaml')], [], about))).toEqual(['a/one.yaml removed']);
      expect(await has(folder)).toEqual(['b', 'b/two.yaml', 'rendered.yaml']);
    });

    test('in its very first file, the folder is still its own', async () => {
      const folder = await temporaryFolder();
      await leave(folder, '.rendered.yaml.0123abcd.new', 0);
      expect(did(await writeFolder(folder, both, [], about))).toEqual(['a/one.yaml added', 'b/two.yaml added']);
      const other = await temporaryFolder();
      await leave(other, '.other.yaml.0123abcd.new');
      expect((await refusal(writeFolder(other, both, [], about))).code).toBe('TODOCTL_FOLDER_NOT_OURS');
    });

    test('leaves what another one writes now, and what is named otherwise', async () => {
      const folder = await rendered();
      const others = ['.rendered.yaml.xyz.new', 'a/.mine.yaml.0123abcd.new', 'a/.one.yaml.0123abcd', 'a/one.yaml.0123abcd.new'];
      for (const name of others) await leave(folder, name);
      await leave(folder, 'a/.one.yaml.11111111.new', 0);
      await writeFolder(folder, both, [], about);
      expect(await has(folder)).toEqual([...others, 'a/.one.yaml.11111111.new', 'a', 'a/one.yaml', 'b', 'b/two.yaml', 'rendered.yaml'].sort());
    });
  });

  test('two at once both end well', async () => {
    const folder = path.join(await temporaryFolder(), 'out');
    const files = Array.from({ length: 30 }, (_, index) => file(`a/${index}.yaml`));
    await Promise.all([1, 2, 3].map(() => writeFolder(folder, files, [], about)));
    expect(await compareFolder(folder, files, [], about)).toEqual([]);
    expect((await has(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});

test('a difference is a diff and nothing else', async () => {
  const folder = await rendered();
  const differences = await compareFolder(folder, [file('a/one.yaml', 'other\n'), file('c/three.yaml')], [], about);
  expect(differences.map(({ diff }) => diff.split('\n'))).toEqual([
    ['--- a/one.yaml', '+++ a/one.yaml', '@@ -1,1 +1,1 @@', '-a/one.yaml', '+other', ''],
    ['--- b/two.yaml', '+++ /dev/null', '@@ -1,1 +0,0 @@', '-b/two.yaml', ''],
    ['--- /dev/null', '+++ c/three.yaml', '@@ -0,0 +1,1 @@', '+c/three.yaml', ''],
  ]);
});

describe('refused, and nothing is touched', () => {
  test('a folder with files that no render wrote', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'mine'), '');
    expect((await refusal(writeFolder(folder, both, [], about))).code).toBe('TODOCTL_FOLDER_NOT_OURS');
    expect((await refusal(compareFolder(folder, both, [], about))).code).toBe('TODOCTL_FOLDER_NOT_RENDERED');
    expect(await has(folder)).toEqual(['mine']);
  });

  test('a file', async () => {
    const target = path.join(await temporaryFolder(), 'file');
    await writeFile(target, '');
    const { code, message } = await refusal(writeFolder(target, both, [], about));
    expect([code, message]).toEqual(['TODOCTL_FILE_UNUSABLE', `${target} cannot be written: a file stands where a folder must be`]);
  });

  test.each([
    [{ ...about, environment: 'staging' }, 'prod of todo, not staging of todo'],
    [{ ...about, platform: 'shop' }, 'prod of todo, not prod of shop'],
  ])('the render of another environment or platform: %j', async (other, words) => {
    const folder = await rendered();
    for (const attempt of [writeFolder, compareFolder]) {
      const { code, message } = await refusal(attempt(folder, [], [], other));
      expect([code, message]).toEqual(['TODOCTL_FOLDER_OF_ANOTHER', `${folder} holds ${words}`]);
    }
    expect(await has(folder)).toEqual(['a', 'a/one.yaml', 'b', 'b/two.yaml', 'rendered.yaml']);
  });

  test.each([
    ['no YAML', 'files: ['],
    ['a conflict of Git', '<<<<<<< HEAD\nfiles: {}\n'],
    ['a list', '- a\n'],
    ['nothing', ''],
    ['a path that leaves the folder', 'platform: todo\nenvironment: prod\nfiles: { ../outside: a }\n'],
    ['a path that leaves it later', 'platform: todo\nenvironment: prod\nfiles: { a/../../outside: a }\n'],
    ['an absolute path', 'platform: todo\nenvironment: prod\nfiles: { /etc/passwd: a }\n'],
  ])('an index that is %s', async (_what, text) => {
    const parent = await temporaryFolder();
    await writeFile(path.join(parent, 'outside'), 'mine');
    await mkdir(path.join(parent, 'out'));
    await writeFile(path.join(parent, 'out/rendered.yaml'), text);
    expect((await refusal(writeFolder(path.join(parent, 'out'), both, [], about))).code).toBe('TODOCTL_FOLDER_NOT_RENDERED');
    expect(await has(parent)).toEqual(['out', 'out/rendered.yaml', 'outside']);
  });
});
