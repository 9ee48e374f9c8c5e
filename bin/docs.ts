// `npm run docs`: writes what is made from the sources and committed. Says which files changed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from './docs/generate.ts';

const root = path.dirname(import.meta.dirname);
const files = await generate(root);

for (const [name, text] of files) {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (textOf(file) === text) continue;
  writeFileSync(file, text);
  process.stdout.write(`wrote ${name}\n`);
}
// Pages of commands that are no more.
for (const name of readdirSync(path.join(root, 'docs/commands'))) {
  if (files.has(`docs/commands/${name}`)) continue;
  rmSync(path.join(root, 'docs/commands', name));
  process.stdout.write(`removed docs/commands/${name}\n`);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
