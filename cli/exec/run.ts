import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Redactor } from '../io/redactor.ts';

/** More than this is not kept, in bytes: who wants a stream must not use this. */
const MOST_OUTPUT = 10 * 1024 * 1024;
const LAST_WORDS = 10;
const GRACE_MS = 5000;

export interface Program {
  program: string;
  /** As they are: no shell sees them. No secrets: anyone on the machine can read them. */
  args: readonly string[];
  /** The whole environment; nothing is inherited. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  timeoutMs: number;
  /** What it reads on stdin: the way for a secret. */
  input?: string;
  signal?: AbortSignal;
  redactor: Redactor;
  /** It goes on when we are ended: Ctrl-C in a terminal is not for it, for half of its work would be worse than all or nothing. */
  detached?: true;
  /** Told its pid once it runs. */
  started?(pid: number): void;
  /** Gets each line as it is written, of stdout and stderr alike, redacted. */
  line?: (text: string) => void;
}

/**
 * Runs a program to its end and returns what it wrote. Throws TODOCTL_PROGRAM_MISSING, _FAILED or _TIMED_OUT, each naming
 * the program and its arguments, redacted.
 */
export async function runProgram(given: Program): Promise<{ stdout: string; stderr: string }> {
  const { execa } = await import('execa');
  const running = execa(given.program, given.args, {
    env: given.env,
    extendEnv: false,
    cwd: given.cwd,
    timeout: given.timeoutMs,
    forceKillAfterDelay: GRACE_MS,
    maxBuffer: MOST_OUTPUT,
    reject: false,
    ...(given.input === undefined ? { stdin: 'ignore' as const } : { input: given.input }),
    ...(given.signal ? { cancelSignal: given.signal } : {}),
    ...(given.detached ? { detached: true } : {}),
    ...(given.line ? { all: true as const } : {}),
  });
  if (running.pid !== undefined) given.started?.(running.pid);
  const { line, redactor } = given;
  if (line) for await (const text of running.iterable({ from: 'all' })) line(redactor.redact(text));
  const result = await running;
  if (!result.failed) return { stdout: result.stdout, stderr: result.stderr };
  given.signal?.throwIfAborted();
  throw whatWentWrong(given, result);
}

interface Failure {
  code?: string | undefined;
  exitCode?: number | undefined;
  signal?: string | undefined;
  timedOut: boolean;
  isMaxBuffer: boolean;
  stdout?: string;
  stderr?: string;
}

function whatWentWrong(given: Program, failure: Failure): TodoctlError {
  const name = path.basename(given.program);
  const redact = (text: string): string => given.redactor.redact(text);
  const call = redact([name, ...given.args].join(' '));
  if (failure.code === 'ENOENT' || failure.code === 'EACCES') {
    return new TodoctlError('TODOCTL_PROGRAM_MISSING', { message: `${name} cannot be run: ${failure.code}`, details: [call] });
  }
  const words = redact(failure.stderr || failure.stdout || '').trim().split('\n').slice(-LAST_WORDS);
  const details = [call, ...words.filter((line) => line !== '')];
  if (failure.timedOut) {
    return new TodoctlError('TODOCTL_PROGRAM_TIMED_OUT', { message: `${name} did not end in ${given.timeoutMs / 1000} s`, details });
  }
  return new TodoctlError('TODOCTL_PROGRAM_FAILED', { message: `${name} ${howItEnded(failure)}`, details });
}

function howItEnded({ isMaxBuffer, signal, exitCode }: Failure): string {
  if (isMaxBuffer) return `wrote more than ${MOST_OUTPUT / 1024 / 1024} MB`;
  return signal ? `was killed by ${signal}` : `ended with code ${exitCode ?? 'unknown'}`;
}
