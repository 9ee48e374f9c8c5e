// A project folder of a test's own, in which the real command line is run: `node bin/run.js …` from dist/, in processes of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { DeployResult } from '../../cli/operations/deploy.ts';
import type { StatusResult } from '../../cli/operations/status.ts';
import type { TeardownResult } from '../../cli/operations/teardown.ts';
import { identify } from '../../cli/io/process-identity.ts';
import { findMarked } from '../../cli/targets/local/supervisor/marks.ts';

export const PACKAGE = path.resolve(import.meta.dirname, '../..');
const SCRIPT = path.join(PACKAGE, 'bin/run.js');

export interface Ran {
  /** Exit code, or 128 + number of the signal that ended it. */
  exit: number;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ran>;
  /** Resolves when `text` has been written to stderr; rejects when the command ends without it. */
  says(text: string): Promise<void>;
}

export interface TestPlatform {
  /** The project folder, with todoctl.yaml in it. */
  readonly folder: string;
  /** Replaces todoctl.yaml. */
  define(yaml: string): Promise<void>;
  /** Writes a file of the project. */
  write(file: string, text: string): Promise<void>;
  run(...args: string[]): Promise<Ran>;
  start(...args: string[]): Running;
  /** Deploys; a failure is the test's failure, with all that was said. */
  deploy(...args: string[]): Promise<DeployResult>;
  status(): Promise<StatusResult>;
  teardown(...args: string[]): Promise<TeardownResult>;
  /** Waits until `status` says that everything is ready. */
  waitReady(withinMs?: number): Promise<StatusResult>;
  /** Pids of all live processes that bear the mark of this project's environment. */
  pids(environment?: string): number[];
  /** Ends whatever is left and removes the folder. */
  dispose(): Promise<void>;
}

export interface Given {
  yaml: string;
  /** Files of the project by path, such as `services/echo/main.ts`. */
  files?: Readonly<Record<string, string>>;
  env?: NodeJS.ProcessEnv;
}

/** Makes the folder. Nothing is deployed yet. */
export async function createTestPlatform({ yaml, files = {}, env = {} }: Given): Promise<TestPlatform> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'todoctl-project-')));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };
  await write('todoctl.yaml', yaml);
  for (const [file, text] of Object.entries(files)) await write(file, text);

  const start = (...args: string[]): Running => startCommand(args, folder, env);
  const run = (...args: string[]): Promise<Ran> => start(...args).ended;
  const json = async <T>(args: string[], allowed: readonly number[]): Promise<T> => {
    const { exit, stdout, stderr } = await run(...args, '--json');
    if (!allowed.includes(exit)) throw new Error(`todoctl ${args.join(' ')} ended with ${exit}\n${stdout}\n${stderr}${await logsOf(folder)}`);
    return JSON.parse(stdout) as T;
  };
  const status = (): Promise<StatusResult> => json<StatusResult>(['status'], [0, 6]);
  const pids = (environment = 'local'): number[] => findMarked(path.join(folder, '.todoctl', environment)).map(({ pid }) => pid);
  return {
    folder,
    write,
    run,
    start,
    status,
    pids,
    define: (text) => write('todoctl.yaml', text),
    deploy: (...args) => json<DeployResult>(['deploy', ...args], [0]),
    teardown: (...args) => json<TeardownResult>(['teardown', '--yes', ...args], [0]),
    async waitReady(withinMs = 60_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const now = await status();
        if (now.ready) return now;
        if (Date.now() > deadline) throw new Error(`not ready within ${withinMs} ms: ${JSON.stringify(now.processes, null, 1)}${await logsOf(folder)}`);
      }
    },
    async dispose() {
      await run('teardown', '--yes');
      for (const pid of pids()) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function startCommand(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [SCRIPT, ...args], { cwd, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({
    exit: typeof code === 'number' ? code : 128 + (os.constants.signals[signal as NodeJS.Signals] ?? 0),
    ...output,
  }));
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.stderr.includes(text)) resolve();
      };
      look();
      child.stderr.on('data', look);
      child.once('close', () => reject(new Error(`ended without saying "${text}":\n${output.stderr}`)));
    });
  return { child, ended, says };
}

/** True when something listens there. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A zombie is not alive: whoever should reap it may take its time. */
export function isAlive(pid: number): boolean {
  return identify(pid) !== undefined;
}

/** What the supervisor said last, for the message of a test that failed. */
async function logsOf(folder: string): Promise<string> {
  const text = await readFile(path.join(folder, '.todoctl/local/logs/supervisor.log'), 'utf8').catch(() => '');
  return `\n--- supervisor.log\n${text.split('\n').slice(-20).join('\n')}`;
}

/** The smallest service: answers everything with what it was asked, and who answered. */
export const ECHO_SERVICE = `import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url, headers: request.headers, replica: process.env['REPLICA'] }));
});
server.listen(Number(process.env['PORT']), process.env['HOST'], () => console.log(JSON.stringify({ level: 30, time: Date.now(), msg: 'listening' })));
process.once('SIGTERM', () => server.close(() => process.exit(0)));
`;
