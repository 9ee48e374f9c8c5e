// What is made from the sources and committed is as fresh as they are: `npm run docs` makes it anew.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { generate } from '../../bin/docs/generate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
let made: Map<string, string>;

beforeAll(async () => {
  made = await generate(root);
});

test('every generated file is fresh', () => {
  const stale = [...made].filter(([file, text]) => !existsSync(path.join(root, file)) || read(file) !== text).map(([file]) => file);
  expect(stale, 'run npm run docs').toEqual([]);
});

test('no page is left of a command that is no more', () => {
  const pages = readdirSync(path.join(root, 'docs/commands')).map((file) => `docs/commands/${file}`);
  expect(pages.filter((page) => !made.has(page))).toEqual([]);
});

test('two makings are the same', async () => {
  expect(await generate(root)).toEqual(made);
});

describe('the manifest', () => {
  const commands = (): Record<string, { summary?: string; examples?: unknown[]; args: Record<string, { ignoreStdin?: boolean }>; flags: Record<string, unknown>; relativePath: string[] }> =>
    (JSON.parse(made.get('oclif.manifest.json') ?? '') as { commands: ReturnType<typeof commands> }).commands;

  test('has every command of the sources and points into dist/', () => {
    const sources = readdirSync(path.join(root, 'cli/commands'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    expect(Object.values(commands()).map(({ relativePath }) => relativePath.join('/')).sort()).toEqual(sources.map((file) => `dist/commands/${file.replace(/\.ts$/, '.js')}`).sort());
  });

  test('every command has a summary, examples, --env and --json', () => {
    for (const [id, { summary, examples = [], flags }] of Object.entries(commands())) {
      expect(summary, id).toMatch(/^[A-Z].*\.$/);
      expect(examples.length, id).toBeGreaterThan(0);
      expect(Object.keys(flags), id).toEqual(expect.arrayContaining(['env', 'json']));
    }
  });

  test('no summary is too long for one line of help', () => {
    for (const [id, { summary = '' }] of Object.entries(commands())) expect(summary.length, id).toBeLessThanOrEqual(80);
  });
});

test('no argument is read from standard input by accident', () => {
  // oclif takes piped input for the first argument that is missing, unless each says otherwise; the manifest leaves that out.
  const files = readdirSync(path.join(root, 'cli/commands'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files) {
    const source = read(`cli/commands/${file}`);
    const args = source.match(/\bArgs\.\w+(?:<[^>]*>)?\(/g) ?? [];
    expect(source.match(/\bignoreStdin: true\b/g)?.length ?? 0, file).toBe(args.length);
  }
});

test('the editor’s schema asks for the same as the program', () => {
  const schema = JSON.parse(read('docs/todoctl.schema.json')) as { properties: Record<string, unknown>; required: string[]; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(['platform', 'topics', 'services', 'environments']);
  expect(schema.required).toEqual(['platform', 'topics', 'services', 'environments']);
  expect(schema.additionalProperties).toBe(false);
  expect(read('todoctl.yaml').split('\n')[0]).toBe('# yaml-language-server: $schema=./docs/todoctl.schema.json');
});
