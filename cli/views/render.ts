import path from 'node:path';
import type { Io } from '../io/io.ts';
import type { Difference } from '../operations/render/folder.ts';
import type { RenderResult } from '../operations/render/render.ts';
import type { Rendered } from '../render/rendered.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';

const WIDEST = 120;

/** What was written, by system. */
export function renderText({ environment, folder, files, differences }: RenderResult, cwd: string, io: Pick<Io, 'colour' | 'columns'>): string {
  const { good, dim, bold } = palette(io);
  const columns = Math.min(io.columns, WIDEST);
  const removed = differences.filter(({ is }) => is === 'removed').length;
  const written = `${differences.length - removed} of ${files.length} written${removed > 0 ? `, ${removed} removed` : ''}`;
  const counts = new Map<string, number>();
  for (const { system } of files) counts.set(system, (counts.get(system) ?? 0) + 1);
  const systems = [...counts].map(([system, count]) => `${system} ${count}`);
  const head = `${bold(environment)} to ${shortest(folder, cwd)} ${dim(`(${differences.length === 0 ? 'nothing had to change' : written})`)}`;
  return `${[wrap(head, columns, `${good('Rendered')}  `), wrap(systems.join(', '), columns, 'Files     ')].join('\n')}\n`;
}

/** What a folder lacks, as a unified diff; or that it is up to date. */
export function checkText({ environment, folder, files, differences }: RenderResult, cwd: string, io: Pick<Io, 'colour'>): string {
  const { good, bold } = palette(io);
  if (differences.length === 0) return `${good('Up to date')}  ${shortest(folder, cwd)} has ${bold(environment)} as it is defined, ${files.length} files\n`;
  return differences.map(({ diff }) => diffText(diff, io)).join('');
}

/** How many files are different, for a person who sees a long diff pass. */
export function checkTalk({ environment, folder, differences }: RenderResult, cwd: string): string {
  const count = (is: Difference['is'], todo: string): string[] => {
    const files = differences.filter((difference) => difference.is === is).length;
    return files > 0 ? [`${files} ${todo}`] : [];
  };
  const counts = [...count('added', 'to add'), ...count('changed', 'to change'), ...count('removed', 'to remove')].join(', ');
  return differences.length === 0 ? '' : `${shortest(folder, cwd)} is not ${environment} as it is defined: ${counts}. todoctl render without --check does it.\n`;
}

/** A folder as seen from where the user is, unless that goes up. */
function shortest(folder: string, cwd: string): string {
  const relative = path.relative(cwd, folder);
  return relative === '' || relative.startsWith('..') ? folder : relative;
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
