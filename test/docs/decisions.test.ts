import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../docs/decisions');
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const pages = readdirSync(folder).filter((file) => file !== 'README.md').sort();
const titleOf = (file: string): string => read(file).split('\n')[0] ?? '';

test('are numbered from one, with no gap and no number twice', () => {
  expect(pages.map((file) => Number(file.slice(0, 4)))).toEqual(pages.map((_file, index) => index + 1));
});

test('are all in the index, by number and title', () => {
  const index = read('README.md').split('\n').filter((line) => /^\d/.test(line));
  expect(index).toEqual(pages.map((file) => titleOf(file).replace(/^# (\d+\.) (.*)$/, `$1 [$2](${file})`)));
});

describe.each(pages)('%s', (file) => {
  test('says what the question was, what was chosen and what was not', () => {
    expect(titleOf(file)).toMatch(/^# \d+\. \S/);
    const parts = [...read(file).matchAll(/^## (.*)$/gm)].map(([, part]) => part);
    expect(parts).toEqual(expect.arrayContaining(['Context', 'Choice', 'Rejected']));
    expect([parts[0], parts.at(-1)]).toEqual(['Context', 'Rejected']);
  });
});
