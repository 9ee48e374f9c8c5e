import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from './until.ts';

const RUN = path.resolve(import.meta.dirname, '../../bin/run.js');

export interface Ran {
  /** `null` after a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** What it has written so far. */
  said: Pick<Ran, 'stdout' | 'stderr'>;
  ended: Promise<Ran>;
}

export interface Todoctl {
  start: (...args: string[]) => Running;
  /** Runs it to its end, whatever that is. */
  run: (...args: string[]) => Promise<Ran>;
  /** Runs it to its end, which must be this one; answers what it wrote to stdout. */
  must: (code: number, ...args: string[]) => Promise<string>;
  /** Runs it until something is so, and ends it with -9. */
  kill: (args: readonly string[], what: string, when: (running: Running) => boolean | Promise<boolean>, withinMs: number) => Promise<void>;
}

/** todoctl as a person has it, from dist/, in a folder and with this environment alone. */
export function todoctlIn(folder: string, env: Readonly<Record<string, string | undefined>>): Todoctl {
  const start: Todoctl['start'] = (...args) => {
    const child = spawn(process.execPath, [RUN, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    return { child, said, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) };
  };
  const run: Todoctl['run'] = (...args) => start(...args).ended;
  return {
    start, run,
    must: async (wanted, ...args) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== wanted) throw new Error(`todoctl ${args.join(' ')} ended with ${code}, not ${wanted}:\n${stderr}${stdout}`);
      return stdout;
    },
    kill: async (args, what, when, withinMs) => {
      const running = start(...args);
      try {
        await until(what, async () => {
          if (running.child.exitCode !== null) throw new Error(`todoctl ${args.join(' ')} ended before ${what}:\n${running.said.stderr}`);
          return when(running);
        }, withinMs);
      } finally {
        running.child.kill('SIGKILL');
        await running.ended;
      }
    },
  };
}
