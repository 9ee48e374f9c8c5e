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
}

/** Says a line to whoever waits, where no reporter is at work. */
export function sayOn({ stderr, redactor }: Pick<Io, 'stderr' | 'redactor'>): (line: string) => void {
  return (line) => void stderr.write(redactor.redact(`${line}\n`));
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
