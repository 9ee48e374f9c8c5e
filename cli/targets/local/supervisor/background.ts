import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, statSync } from 'node:fs';
import { logPath, openLog } from './logs.ts';

/** The supervisor; its guard; or a supervisor that goes on where a killed one left off, and only if it left anything. */
export type Role = 'supervisor' | 'guard' | 'successor';

/** Starts one of them so that it lives on by itself, with its output in `logs/supervisor.log` and nothing inherited. */
export function startInBackground(given: { node: string; script: string; stateDir: string; as: Role }): ChildProcess {
  const log = openLog(logPath(given.stateDir, 'supervisor'));
  const args = [given.script, '--state', given.stateDir, '--as', given.as];
  const started = spawn(given.node, args, { detached: true, cwd: given.stateDir, env: {}, stdio: ['ignore', log, log] });
  closeSync(log);
  // Whoever cares listens too; without a listener a missing program would end this process.
  started.once('error', () => undefined);
  started.unref();
  return started;
}

/** Tells one build of a script from another, by what a build cannot but change. */
export function codeOf(script: string): string {
  const file = statSync(script, { throwIfNoEntry: false });
  return file ? `${file.size}-${file.mtimeMs}` : 'none';
}
