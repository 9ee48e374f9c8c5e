import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from './until.ts';

const BIN = path.resolve(import.meta.dirname, '../../bin');

export interface Ran {
  /** `null` after a signal. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A todoctl that was started; awaited, it is what became of it. */
export interface Running extends Promise<Ran> {
  child: ChildProcess;
  /** What it has written so far. */
  said: Pick<Ran, 'stdout' | 'stderr'>;
}

export interface Where {
  /** Of todoctl.yaml. */
  folder: string;
  /** All of its environment: nothing of this process is handed on. */
  env: Readonly<Record<string, string | undefined>>;
  /** `built` is what a person has, from dist/; `sources` need no build. */
  from: 'built' | 'sources';
}

/** Starts todoctl, which reads nothing from stdin. */
export function startTodoctl({ folder, env, from }: Where, args: readonly string[]): Running {
  const child = spawn(process.execPath, [path.join(BIN, from === 'built' ? 'run.js' : 'dev.js'), ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ran = once(child, 'close').then(([code, signal]): Ran => ({ code: code as number | null, signal: signal as NodeJS.Signals | null, ...said }));
  return Object.assign(ran, { child, said });
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
  const start: Todoctl['start'] = (...args) => startTodoctl({ folder, env, from: 'built' }, args);
  return {
    start,
    run: (...args) => start(...args),
    must: async (wanted, ...args) => {
      const { code, stdout, stderr } = await start(...args);
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
        await running;
      }
    },
  };
}
