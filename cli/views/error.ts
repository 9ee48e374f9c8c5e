import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Io } from '../io/io.ts';
import { palette } from '../ui/palette.ts';

/** An error as a person reads it: what, where, why, what next, and the code that `explain` knows. */
export function errorText(error: TodoctlError, io: Pick<Io, 'colour'>): string {
  const { bad, dim, code } = palette(io);
  const lines = [`${bad('Error')} ${error.message}`];
  for (const detail of error.details) lines.push(`  ${detail}`);
  lines.push(`${dim('Why')}   ${error.why}`);
  for (const [index, step] of error.next.entries()) lines.push(`${index === 0 ? dim('Next') : '    '}  ${step}`);
  lines.push(`${dim('Code')}  ${code(error.code)} ${dim(`(todoctl explain ${error.code})`)}`);
  return `${lines.join('\n')}\n`;
}
