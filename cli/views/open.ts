import type { Io } from '../io/io.ts';
import type { OpenResult } from '../operations/open.ts';
import { palette } from '../ui/palette.ts';

/** Where to look, who signs in, and what shows the password. */
export function openText({ url, to, user, password, record }: OpenResult, io: Pick<Io, 'colour'>): string {
  const { code, dim } = palette(io);
  const lines = [
    url,
    ...(user === undefined ? [] : [`${dim('User')}      ${user}`]),
    ...(password === undefined ? [] : [`${dim('Password')}  ${code(password)}`]),
    ...(record === undefined ? [] : [`${dim('DNS')}       ${record}`]),
  ];
  return `${lines.join('\n')}\n${to === undefined ? '' : dim(`Passing on to ${to} until Ctrl-C.`) + '\n'}`;
}
