import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, type Identity, isAlive, lookEveryMs } from '../../../io/process-identity.ts';
import { openLog } from './logs.ts';
import { markOf } from './marks.ts';
import type { ProcessSpec } from './process-spec.ts';

/** How long a process may take to vanish after SIGKILL, in milliseconds. */
const KILL_MS = 5000;

/** A running process, started by this supervisor or by one before it. */
export interface Child {
  readonly identity: Identity;
  /** How it ended: `exit code 1`, `killed by SIGKILL`. Undefined while it runs. */
  how: string | undefined;
  readonly ended: Promise<void>;
}

/**
 * Starts a process in a group of its own, with its output straight into its log: it outlives the supervisor and never meets a broken pipe.
 * Throws when the program cannot be started at all.
 */
export async function startChild(spec: ProcessSpec, given: { stateDir: string; logFile: string }): Promise<Child> {
  const log = openLog(given.logFile);
  const started = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...spec.env, ...markOf(given.stateDir, spec.name) },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = Promise.withResolvers<undefined>();
  started.once('exit', (code, signal) => {
    child.how = signal ? `killed by ${signal}` : `exit code ${code ?? 'unknown'}`;
    ended.resolve(undefined);
  });
  const { pid } = started;
  if (pid === undefined) {
    const failed = Promise.withResolvers<never>();
    started.once('error', failed.reject);
    return failed.promise;
  }
  started.once('error', () => undefined);
  // A process that is dead already has no start to be told by; its exit is on its way.
  const child: Child = { identity: identify(pid) ?? { pid, start: 'ended', boot: '' }, how: undefined, ended: ended.promise };
  return child;
}

/** Watches a process that an earlier supervisor started: not a child of this one, so its end must be looked for. */
export function adoptChild(identity: Identity): Child {
  const ended = Promise.withResolvers<undefined>();
  const child: Child = { identity, how: undefined, ended: ended.promise };
  const look = (): void => {
    if (isAlive(identity)) {
      setTimeout(look, lookEveryMs());
      return;
    }
    child.how = 'ended (how is unknown: an earlier supervisor had started it)';
    ended.resolve(undefined);
  };
  look();
  return child;
}

/** Ends a process: asks its group, waits, kills its group. False when even that did not help. */
export async function endChild(child: Child, stop: ProcessSpec['stop']): Promise<boolean> {
  signalGroup(child, stop.signal);
  if (await endsWithin(child, stop.graceMs)) return true;
  signalGroup(child, 'SIGKILL');
  return endsWithin(child, KILL_MS);
}

/** Ends what a process left behind in its group. Its pid may belong to someone else by now: then the group is not ours either. */
export function endGroup(child: Child): void {
  if (identify(child.identity.pid) === undefined) kill(-child.identity.pid, 'SIGKILL');
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.how === undefined && isAlive(child.identity)) kill(-child.identity.pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

async function endsWithin(child: Child, ms: number): Promise<boolean> {
  const timer = new AbortController();
  await Promise.race([child.ended, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
  return child.how !== undefined;
}
