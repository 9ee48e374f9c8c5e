import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { revisionOf } from '../../../cli/images/revision.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const given = (env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] }): Parameters<typeof revisionOf>[1] => ({ env, redactor: new Redactor(), signal: new AbortController().signal });

/** A repository with one commit. */
async function repository(): Promise<{ root: string; commit: string; git: (...args: string[]) => string; write: (file: string, text: string) => Promise<void> }> {
  const root = await temporaryFolder();
  const env = { PATH: process.env['PATH'], HOME: root, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' };
  const git = (...args: string[]): string => execFileSync('git', ['-C', root, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  await write('services/main.ts', '1');
  await write('docs/page.md', '1');
  await write('package-lock.json', '{}');
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  return { root, git, write, commit: git('rev-parse', 'HEAD') };
}

test('is the commit; dirty once what the image is made of differs from it, new files too, and nothing else', async () => {
  const { root, git, write, commit } = await repository();
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(await revisionOf(root, given())).toBe(commit);
  await write('docs/page.md', '2');
  await write('README.md', 'new');
  expect(await revisionOf(root, given())).toBe(commit);
  await write('services/new.ts', '1');
  expect(await revisionOf(root, given())).toBe(`${commit}-dirty`);
  git('add', '.');
  git('commit', '--quiet', '-m', 'two');
  const second = git('rev-parse', 'HEAD');
  expect(await revisionOf(root, given())).toBe(second);
  await write('package-lock.json', '{ }');
  expect(await revisionOf(root, given())).toBe(`${second}-dirty`);
});

test('is of this folder, whatever the variables of a hook say', async () => {
  const [one, other] = [await repository(), await repository()];
  await other.write('services/main.ts', 'changed');
  expect(await revisionOf(one.root, given({ PATH: process.env['PATH'], GIT_DIR: path.join(other.root, '.git'), GIT_WORK_TREE: other.root }))).toBe(one.commit);
});

test('is not known without a repository, without a commit and without git', async () => {
  const root = await temporaryFolder();
  expect(await revisionOf(root, given({ PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: path.dirname(root) }))).toBeUndefined();
  execFileSync('git', ['init', '--quiet', root]);
  expect(await revisionOf(root, given())).toBeUndefined();
  const { root: known } = await repository();
  expect(await revisionOf(known, given({ PATH: '/nowhere' }))).toBeUndefined();
});

test('a stop is no missing repository', async () => {
  const { root } = await repository();
  await expect(revisionOf(root, { ...given(), signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
});
