import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a bundle was made of, so that the next run can see with a few `stat` calls that nothing has changed. */
export interface BundleRecord {
  recipe: number;
  /** Path relative to the project → `mtime in ms:size in bytes`. */
  inputs: Record<string, string>;
  hash: string;
}

export async function readRecord(outDir: string): Promise<BundleRecord | undefined> {
  const text = await readFile(path.join(outDir, 'inputs.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as BundleRecord;
  } catch {
    // Cut off by a crash: as good as none.
    return undefined;
  }
}

export async function writeRecord(outDir: string, record: BundleRecord): Promise<void> {
  const file = path.join(outDir, 'inputs.json');
  await writeFile(`${file}.new`, JSON.stringify(record));
  await rename(`${file}.new`, file);
}

/** The record of these inputs, without a hash yet. A package counts as one input: its package.json, which every install writes anew. */
export async function recordOf(recipe: number, root: string, inputs: readonly string[]): Promise<Omit<BundleRecord, 'hash'>> {
  const counted = new Set(inputs.filter((input) => !input.startsWith('<')).map((input) => countedAs(path.relative(root, path.resolve(root, input)))));
  const entries = await Promise.all([...counted].sort().map(async (input) => [input, await mark(path.join(root, input))] as const));
  return { recipe, inputs: Object.fromEntries(entries) };
}

/** True when every input is as it was. */
export async function isFresh(record: BundleRecord, recipe: number, root: string): Promise<boolean> {
  if (record.recipe !== recipe) return false;
  const marks = await Promise.all(Object.entries(record.inputs).map(async ([input, was]) => (await mark(path.join(root, input))) === was));
  return marks.every(Boolean);
}

/** `node_modules/pg/lib/client.js` → `node_modules/pg/package.json`, also for scoped and nested packages. */
export function countedAs(input: string): string {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return found ? `${found[1]}/package.json` : input;
}

async function mark(file: string): Promise<string> {
  return stat(file).then((found) => `${Math.round(found.mtimeMs)}:${found.isDirectory() ? 'folder' : found.size}`, () => 'gone');
}
