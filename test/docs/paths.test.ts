import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md', 'docs/decisions/*.md'], { cwd: root });

// A page that names a file which has moved sends its reader astray.
describe.each(pages)('%s', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8');

  test('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:cli|services|templates|test|bin|docs)\/[\w./<>*-]+)`/g)].map(([, file]) => file ?? '');
    // A name followed by its contents is one that the page itself gives: adding-a-system.test.ts makes those.
    const given = named.filter((file) => text.includes(`\`${file}\`:\n\n\`\`\``));
    const wanted = named.filter((file) => !/[<>*]/.test(file) && !given.includes(file));
    const missing = wanted.filter((file) => globSync([file.replace(/\/$/, ''), `${file}.ts`], { cwd: root }).length === 0);
    expect(missing).toEqual([]);
  });

  test('links only to pages that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => globSync(path.join(path.dirname(page), link), { cwd: root }).length === 0)).toEqual([]);
  });
});
