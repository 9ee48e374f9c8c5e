import type { TodoctlError } from '../errors/todoctl-error.ts';
import type { Io } from '../io/io.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';

const WIDEST = 100;

/** An error as a person reads it: what, where, why, what next, and the code that `explain` knows. */
export function errorText(error: TodoctlError, io: Pick<Io, 'colour' | 'columns'>): string {
  const { bad, dim, code } = palette(io);
  const columns = Math.min(io.columns, WIDEST);
  const lines = [wrap(error.message, columns, `${bad('Error')} `)];
  // Where a caret points at something, lines stay as long as they are.
  const drawn = error.details.some((detail) => /^\s*\^+$/.test(detail));
  for (const detail of error.details) {
    const indent = ' '.repeat(6 + detail.length - detail.trimStart().length);
    lines.push(drawn ? `      ${detail}` : wrap(detail.trimStart(), columns, indent));
  }
  lines.push(wrap(error.why, columns, `${dim('Why')}   `));
  for (const [index, step] of error.next.entries()) lines.push(wrap(step, columns, `${index === 0 ? dim('Next') : '    '}  `));
  const hint = `(todoctl explain ${error.code})`;
  const fits = 'Code  '.length + error.code.length + 1 + hint.length <= columns;
  lines.push(`${dim('Code')}  ${code(error.code)}${fits ? ' ' : `\n${' '.repeat(6)}`}${dim(hint)}`);
  return `${lines.join('\n')}\n`;
}
