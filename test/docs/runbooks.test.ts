// A runbook's table has the findings of doctor, word for word, and doctor finds nothing that has no line.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../cli/errors/catalogue.ts';
import { RUNBOOKS } from '../../cli/targets/cluster/diagnose/diagnose.ts';

const FOLDER = 'docs/runbooks';
const read = (page: string): string => readFileSync(path.join(FOLDER, `${page}.md`), 'utf8');
const manifest = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as { commands: Record<string, unknown> };
const commands = new Set(Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' ')));

describe.each(RUNBOOKS.map((runbook) => [runbook.page, runbook] as const))('%s', (page, { checks, code }) => {
  const text = read(page);

  test('has a line for each finding, in doctor’s order, and no other', () => {
    const table = /\| finding \| cause \| fix \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(text)?.[1] ?? '';
    expect(table.trim().split('\n').map((row) => row.split('|')[1]?.trim())).toEqual(checks.map(({ title }) => title));
    for (const row of table.trim().split('\n')) expect(row.split('|').slice(2, 4).every((cell) => cell.trim() !== '')).toBe(true);
  });

  test('begins with symptoms and says how doctor is called', () => {
    expect(text).toMatch(/^# .+\n/);
    expect(text).toContain('## Symptoms');
    expect(text).toContain('todoctl doctor --env prod');
  });

  test('is where its error sends the reader', () => {
    expect(catalogue[code].next.join(' ')).toContain(`${FOLDER}/${page}.md`);
  });
});

test('names are of one finding each', () => {
  const titles = RUNBOOKS.flatMap(({ checks }) => checks.map(({ title }) => title));
  expect(new Set(titles).size).toBe(titles.length);
});

describe.each(readdirSync(FOLDER).filter((file) => file.endsWith('.md')))('%s', (file) => {
  const text = readFileSync(path.join(FOLDER, file), 'utf8');

  test('links to pages that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('http'));
    expect(links.filter((link) => !existsSync(path.join(FOLDER, link)))).toEqual([]);
  });

  test('calls commands that exist', () => {
    const called = [...text.matchAll(/(?:^|`)todoctl ([a-z]+(?: [a-z]+)?)/gm)].map(([, words = '']) => words);
    expect(called.filter((words) => !commands.has(words) && !commands.has(words.split(' ')[0] ?? ''))).toEqual([]);
  });
});
