import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Io } from '../io/io.ts';

export interface Asking {
  io: Pick<Io, 'stderr' | 'stderrIsTty'>;
  stdin: Readable & { isTTY?: boolean };
  /** --yes: nobody is asked. */
  yes: boolean;
  /** What is about to happen, each line with its end; what to type is added. */
  question: string;
  /** Of a protected environment: its name must be typed. */
  name?: string;
  /** What is not done without an answer, in one line: `This would delete all data of prod and was not confirmed`. */
  unasked?: string;
  signal: AbortSignal;
}

/** True when a person agrees. Without a terminal nobody can: TODOCTL_NEEDS_YES. */
export async function consent({ io, stdin, yes, question, name, unasked, signal }: Asking): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTTY || !io.stderrIsTty) throw new TodoctlError('TODOCTL_NEEDS_YES', unasked === undefined ? {} : { message: unasked, next: ['Add --yes.'] });
  const asking = createInterface({ input: stdin, output: io.stderr });
  const words = name === undefined ? 'Go on? [y/N] ' : `Type ${name} to go on: `;
  const answer = await asking.question(`${question}${words}`, { signal }).finally(() => asking.close());
  return name === undefined ? /^y(es)?$/i.test(answer.trim()) : answer.trim() === name;
}
