import type { Io } from '../io/io.ts';
import type { ErrorList, Explanation } from '../operations/explain.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';

/** One error, as a person reads it. */
export function explanationText({ code, title, why, next, exit, exitMeaning }: Explanation, io: Pick<Io, 'colour' | 'columns'>): string {
  const { bold, dim } = palette(io);
  return [
    wrap(title, io.columns, `${bold(code)}  `, '  '),
    wrap(why, io.columns, `${dim('Why')}   `),
    ...next.map((step, index) => wrap(step, io.columns, `${index === 0 ? dim('Next') : '    '}  `)),
    `${dim('Exit')}  ${exit}, ${exitMeaning}`,
    '',
  ].join('\n');
}

/** All errors, one per line. */
export function errorListText({ errors }: ErrorList, io: Pick<Io, 'colour'>): string {
  const { code: paint, dim } = palette(io);
  const widest = Math.max(...errors.map(({ code }) => code.length));
  const lines = errors.map(({ code, title, exit }) => `${paint(code)}${' '.repeat(widest - code.length)}  ${dim(String(exit).padStart(3))}  ${title}`);
  return `${lines.join('\n')}\n\n${dim('The number is the exit code. todoctl explain CODE says why it happens and what to do.')}\n`;
}
