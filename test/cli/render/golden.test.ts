// Whole renders, as they were looked at and found right; `vitest run --project unit golden -u` writes them anew. What is long and made of
// many like parts, dashboards and what repeats them, stands as its digest.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { platformIn, renderedOf } from '../../support/rendered.ts';

const LONGEST = 20_000;
const golden = path.resolve(import.meta.dirname, '../../golden');
const shown = (text: string): string => (text.length <= LONGEST ? text : `sha256 ${createHash('sha256').update(text).digest('hex')}\n`);
const filesIn = (folder: string): string[] =>
  !existsSync(folder) ? [] : readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')).sort();

describe.each(['staging', 'prod'])('%s', (environment) => {
  const folder = path.join(golden, environment);

  test('is rendered as it was', async () => {
    for (const file of renderedOf(await platformIn(environment))) await expect(shown(file.text), file.path).toMatchFileSnapshot(path.join(folder, file.path));
  });

  test('has no file more', async () => {
    const paths = renderedOf(await platformIn(environment)).map((file) => file.path).sort();
    const more = filesIn(folder).filter((file) => !paths.includes(file));
    expect(more, 'remove these').toEqual([]);
  });

  test('is the same, byte by byte, when it is made again', async () => {
    expect(renderedOf(await platformIn(environment))).toEqual(renderedOf(await platformIn(environment)));
  });
});
