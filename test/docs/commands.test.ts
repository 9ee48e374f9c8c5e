// The README's table of commands and the commands that there are.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const manifest = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as { commands: Record<string, { hidden?: boolean; flags: Record<string, { name: string }>; args: Record<string, { options?: string[] }> }> };
const ids = Object.entries(manifest.commands).filter(([, { hidden }]) => !hidden).map(([id]) => id.replaceAll(':', ' ')).sort();
const table = /\| command \| what it does \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readme)?.[1] ?? expect.fail('the README has no table of commands');

/** Every command of the first column in full: `events topics` · `lag` is `events topics` and `events lag`. */
const told = table.trim().split('\n').flatMap((row) => {
  const [first = '', ...others] = [...(row.split(/(?<!\\)\|/)[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  const words = first.replace(/^todoctl /, '').split(' ');
  return [words.join(' '), ...others.map((other) => `${words[0]} ${other}`)];
});

/** The command that a line calls, by as many of its words as there are commands for. */
function commandOf(line: string): string | undefined {
  const words = line.split(' ');
  return [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => ids.includes(name));
}

test('each line of the table is a command', () => {
  expect(told.filter((line) => commandOf(line) === undefined)).toEqual([]);
});

test('each command has its line', () => {
  const named = new Set(told.map(commandOf));
  expect(ids.filter((id) => !named.has(id))).toEqual([]);
});

test('the flags of the table exist', () => {
  const wrong = told.flatMap((line) => {
    const flags = new Set(Object.values(manifest.commands[(commandOf(line) ?? '').replace(' ', ':')]?.flags ?? {}).map(({ name }) => name));
    return [...line.matchAll(/--([a-z][a-z-]*)/g)].map(([, flag = '']) => flag).filter((flag) => !flags.has(flag)).map((flag) => `${line}: --${flag}`);
  });
  expect(wrong).toEqual([]);
});

test('what generate makes alone is what it takes', () => {
  const options = manifest.commands['generate']?.args['kind']?.options ?? Object.values(manifest.commands['generate']?.args ?? {})[0]?.options ?? [];
  const kinds = told.filter((line) => commandOf(line) === 'generate').map((line) => line.split(' ')[1]);
  if (options.length > 0) expect(kinds.filter((kind) => !options.includes(kind ?? ''))).toEqual([]);
});
