import type { Io } from '../io/io.ts';
import type { Made, MadeFile } from '../operations/generate/files.ts';
import { palette } from '../ui/palette.ts';

/** What was written, and what to do with it; nothing is to be done where nothing had to change. */
export function madeText({ files }: Made, next: string, io: Pick<Io, 'colour'>): string {
  const { good, dim } = palette(io);
  const lines = files.map(({ path, is }) => `${(is === 'unchanged' ? dim : good)(is.padEnd(9))} ${path}`);
  const after = files.every(({ is }) => is === 'unchanged') ? 'Nothing had to change.' : `Next      ${next}`;
  return `${[...lines, '', after].join('\n')}\n`;
}

/** Files one after the other; the path of each stands before it where there are several. */
export function filesText(files: readonly MadeFile[]): string {
  return files.map(({ path, text }) => (files.length === 1 ? text : `${path.endsWith('.yaml') || path.endsWith('.yml') ? '---\n' : ''}# Source: ${path}\n${text}`)).join('');
}
