import type { Writable } from 'node:stream';
import { Redactor } from './redactor.ts';

/** Where a command writes, and what it knows of who reads. stdout is data, stderr is talk. */
export interface Io {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Columns of the terminal, 80 where there is none. */
  readonly columns: number;
  /** True only on a terminal, and not with NO_COLOR. */
  readonly colour: boolean;
  /** Stands in front of every output: known secrets are replaced before a byte leaves. */
  readonly redactor: Redactor;
  /** True where a program reads: what is said on stderr is JSON too, an object a line. */
  readonly json?: boolean;
}

/** Says a line to whoever waits, beside what a reporter tells of steps. */
export function sayOn({ stderr, redactor, json = false }: Pick<Io, 'stderr' | 'redactor' | 'json'>): (line: string) => void {
  return (line) => void stderr.write(`${redactor.redact(json ? JSON.stringify({ is: 'talk', line }) : line)}\n`);
}

/** The Io of this process. */
export function processIo(env: NodeJS.ProcessEnv): Io {
  const { stdout, stderr } = process;
  const colour = !env['NO_COLOR'] && (stdout.isTTY || Boolean(env['FORCE_COLOR']));
  return {
    stdout,
    stderr,
    stdoutIsTty: stdout.isTTY,
    stderrIsTty: stderr.isTTY,
    columns: stdout.columns || stderr.columns || 80,
    colour,
    redactor: new Redactor(),
  };
}
