import path from 'node:path';
import type { Io } from '../io/io.ts';
import type { Difference } from '../operations/render/folder.ts';
import type { RenderResult } from '../operations/render/render.ts';
import type { Rendered } from '../render/environment.ts';
import { palette } from '../ui/palette.ts';

/** What was written, by system. */
export function renderText({ environment, folder, files, differences }: RenderResult, cwd: string, io: Pick<Io, 'colour'>): string {
  const { good, dim, bold } = palette(io);
  const where = path.relative(cwd, folder) || folder;
  const did = differences.length === 0 ? 'nothing had to change' : `${differences.length} of ${files.length} written`;
  const counts = new Map<string, number>();
  for (const { system } of files) counts.set(system, (counts.get(system) ?? 0) + 1);
  const systems = [...counts].map(([system, count]) => `${system} ${count}`);
  return `${[`${good('Rendered')}  ${bold(environment)} to ${where} ${dim(`(${did})`)}`, `Files     ${systems.join(', ')}`].join('\n')}\n`;
}

/** What a folder lacks, as a unified diff; or that it is up to date. */
export function checkText({ environment, folder, files, differences }: RenderResult, cwd: string, io: Pick<Io, 'colour'>): string {
  const { good, bold } = palette(io);
  const where = path.relative(cwd, folder) || folder;
  if (differences.length === 0) return `${good('Up to date')}  ${where} has ${bold(environment)} as it is defined, ${files.length} files\n`;
  return differences.map(({ diff }) => diffText(diff, io)).join('');
}

/** The files as one stream; the path of each stands before it. */
export function streamText(files: readonly Rendered[]): string {
  return files.map(({ path: file, text }) => (/\.ya?ml$/.test(file) ? `---\n# Source: ${file}\n${text}` : text)).join('');
}

function diffText(diff: Difference['diff'], io: Pick<Io, 'colour'>): string {
  const { good, bad, bold, dim } = palette(io);
  const paint = (line: string): string => {
    if (line.startsWith('---') || line.startsWith('+++')) return bold(line);
    if (line.startsWith('@@')) return dim(line);
    if (line.startsWith('+')) return good(line);
    return line.startsWith('-') ? bad(line) : line;
  };
  return diff.split('\n').map(paint).join('\n');
}
