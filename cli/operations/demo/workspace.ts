import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import type { Tell } from './moment.ts';

/** A folder of the demo's own, so that a platform that already runs in this checkout is left alone. */
export interface Workspace {
  readonly root: string;
  /** Runs `todoctl …args` as a person would: its talk goes to our stderr as it comes, its data is returned. */
  todoctl(args: readonly string[], options?: { quiet?: boolean }): Promise<Outcome>;
  remove(): Promise<void>;
}

export interface Outcome {
  exit: number;
  stdout: string;
}

export interface WorkspaceGiven {
  /** The todoctl.yaml to show. */
  definition: string;
  /** The project's own services, when they are not todoctl's. */
  services: string | undefined;
  /** Absolute path of bin/run.js. */
  script: string;
  env: NodeJS.ProcessEnv;
  tell: Tell;
}

export async function createWorkspace(given: WorkspaceGiven): Promise<Workspace> {
  const root = await mkdtemp(path.join(tmpdir(), 'todoctl-demo-'));
  await copyFile(given.definition, path.join(root, 'todoctl.yaml'));
  if (given.services) await symlink(given.services, path.join(root, 'services'));
  return {
    root,
    todoctl: (args, options = {}) => {
      if (!options.quiet) given.tell({ is: 'command', line: `todoctl ${args.map(quoted).join(' ')}` });
      return run(given, root, args, options.quiet ?? false);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function run(given: WorkspaceGiven, cwd: string, args: readonly string[], quiet: boolean): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [given.script, ...args], { cwd, env: given.env, stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ exit: code ?? (signal ? 130 : 1), stdout: Buffer.concat(chunks).toString('utf8') }));
  });
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
