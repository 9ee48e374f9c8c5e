import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { sourceTags } from '../../../cli/images/source-tags.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let root: string;
const write = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};
const tags = (): Promise<Record<string, string>> => sourceTags(root, ['audit', 'web']);

beforeEach(async () => {
  root = await temporaryFolder();
  await write('services/kit/http.ts', 'kit');
  await write('services/contracts/names.ts', 'contracts');
  await write('services/audit/main.ts', 'audit');
  await write('services/web/public/index.html', 'web');
  await write('package-lock.json', '{}');
});

test('the same sources have the same tags, each service its own', async () => {
  const first = await tags();
  expect(await tags()).toEqual(first);
  expect(Object.values(first)).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.stringMatching(/^[0-9a-f]{12}$/)]);
  expect(first['audit']).not.toBe(first['web']);
});

test.each([
  ['a file of one service', 'services/audit/main.ts', ['audit']],
  ['a file that is new in a folder below', 'services/web/public/new.css', ['web']],
  ['what all share', 'services/kit/http.ts', ['audit', 'web']],
  ['the contracts', 'services/contracts/names.ts', ['audit', 'web']],
  ['the packages', 'package-lock.json', ['audit', 'web']],
  ['how the image is made', 'services/Dockerfile', ['audit', 'web']],
  ['what the image starts', 'services/start.js', ['audit', 'web']],
])('%s changes the tags that it concerns', async (_what, file, concerned) => {
  const before = await tags();
  await write(file, 'changed');
  const after = await tags();
  expect(Object.keys(after).filter((service) => after[service] !== before[service])).toEqual(concerned);
});

test('a file that moves changes the tag, though no content does', async () => {
  const before = await tags();
  await write('services/audit/other.ts', '');
  const one = await tags();
  expect(one['audit']).not.toBe(before['audit']);
});
