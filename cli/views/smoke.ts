import type { Io } from '../io/io.ts';
import type { SmokeResult } from '../operations/smoke.ts';
import { palette } from '../ui/palette.ts';

/** What was tried, and what could not be. */
export function smokeText({ environment, entrance, checks, notes, seconds }: SmokeResult, io: Pick<Io, 'colour'>): string {
  const { good, warn, dim, bold, code } = palette(io);
  return `${[
    `${good('Answers')}  ${bold(environment)} ${dim(`in ${seconds} s`)} at ${code(entrance)}`,
    ...checks.map(({ title }) => `  ${title}`),
    ...notes.map((note) => `${warn('Note')}  ${note}`),
  ].join('\n')}\n`;
}
