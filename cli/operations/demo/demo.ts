import { existsSync } from 'node:fs';
import path from 'node:path';
import { DEFINITION_FILE, readDefinition } from '../../definition/find.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Context } from '../context.ts';
import { openBrowser } from './browser.ts';
import { findLeftovers, type Held, type Leftovers } from './leftovers.ts';
import type { Tell } from './moment.ts';
import { tellStory } from './story.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

export interface DemoOptions {
  /** Where todoctl itself lies; its todoctl.yaml is shown where the reader has none. */
  packageRoot: string;
  /** Absolute path of bin/run.js. */
  script: string;
}

export interface DemoResult {
  ok: true;
  /** What was looked for after the teardown, and is gone. */
  gone: { processes: number; ports: number };
  seconds: number;
}

const USER = 'demo';
const CHAPTERS = 6;

/** Tells the platform's story in a folder of its own and leaves nothing behind, however it ends. */
export async function demo(context: Context, options: DemoOptions, tell: Tell): Promise<DemoResult> {
  const begun = context.clock.now();
  const env = { ...context.env, TODOCTL_DEMO: '1' };
  const workspace = await createWorkspace({ ...(await projectOf(context, options)), script: options.script, env, tell });
  const local = ['--env', context.environment];
  try {
    chapter(tell, 1, 'One definition, one command', 'todoctl.yaml names topics, services and arrows; deploy makes a running platform of it, on Node alone.');
    await must(workspace, ['deploy', ...local], tell);
    const held = await noteWhatIsHeld(workspace, local);
    const browser = await openBrowser(await entranceOf(workspace, local), USER, tell);
    try {
      await tellStory({ browser, workspace, local, tell, stop: context.stop, chapter: (number, title, why) => chapter(tell, number, title, why) });
    } finally {
      browser.close();
    }
    chapter(tell, CHAPTERS, 'Nothing stays behind', 'Teardown ends with a receipt; then we look at the machine ourselves.');
    await must(workspace, ['teardown', '--yes', ...local], tell);
    const leftovers = await findLeftovers(held);
    refuseLeftovers(leftovers);
    tell({ is: 'seen', what: `looked for and not found: the ${held.pids.length} processes and ${held.ports.length} ports that status named, the folder ${held.folder}` });
    return { ok: true, gone: { processes: held.pids.length, ports: held.ports.length }, seconds: Math.round((context.clock.now() - begun) / 1000) };
  } catch (error) {
    await workspace.todoctl(['teardown', '--yes', ...local], { quiet: true });
    if (context.stop.aborted) throw context.stop.reason as Error;
    if (error instanceof TodoctlError) throw error;
    throw new TodoctlError('TODOCTL_DEMO_FAILED', { message: `The demo stopped: ${(error as Error).message}`, cause: error });
  } finally {
    await workspace.remove();
  }
}

/** The reader's project, or todoctl's own where there is none. */
async function projectOf({ cwd }: Context, { packageRoot }: DemoOptions): Promise<{ definition: string; services: string | undefined }> {
  const own = { definition: path.join(packageRoot, DEFINITION_FILE), services: undefined };
  try {
    const { file, root } = await readDefinition(cwd);
    const services = path.join(root, 'services');
    return root === packageRoot ? own : { definition: file, services: existsSync(services) ? services : undefined };
  } catch (error) {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_DEFINITION_NOT_FOUND') return own;
    throw error;
  }
}

function chapter(tell: Tell, number: number, title: string, why: string): void {
  tell({ is: 'chapter', number, of: CHAPTERS, title, why });
}

/** Runs a command that must succeed and shows what it printed. */
async function must(workspace: Workspace, args: readonly string[], tell: Tell): Promise<void> {
  const { exit, stdout } = await workspace.todoctl(args);
  tell({ is: 'output', lines: stdout.trimEnd().split('\n') });
  if (exit !== 0) throw new Error(`todoctl ${args[0]} ended with exit code ${exit}`);
}

interface StatusJson {
  entrance: string;
  folder: string;
  processes: readonly { pid?: number; port?: number }[];
}

async function statusOf(workspace: Workspace, local: readonly string[]): Promise<StatusJson> {
  const { stdout } = await workspace.todoctl(['status', '--json', ...local], { quiet: true });
  return JSON.parse(stdout) as StatusJson;
}

async function entranceOf(workspace: Workspace, local: readonly string[]): Promise<URL> {
  return new URL((await statusOf(workspace, local)).entrance);
}

async function noteWhatIsHeld(workspace: Workspace, local: readonly string[]): Promise<Held> {
  const { processes, folder } = await statusOf(workspace, local);
  const known = (numbers: (number | undefined)[]): number[] => [...new Set(numbers.filter((number) => number !== undefined))];
  return { pids: known(processes.map(({ pid }) => pid)), ports: known(processes.map(({ port }) => port)), folder };
}

function refuseLeftovers({ pids, ports, folders }: Leftovers): void {
  const found = [...pids.map((pid) => `process ${pid}`), ...ports.map((port) => `port ${port}`), ...folders];
  if (found.length > 0) throw new TodoctlError('TODOCTL_LEFTOVERS', { details: found });
}
