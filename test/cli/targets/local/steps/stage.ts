// What tests of steps share: a Local in a folder of its own, steps whose value is known, and one run of the real engine.
import { onTestFinished } from 'vitest';
import { runSteps } from '../../../../../cli/engine/run.ts';
import type { EngineEvent, Step } from '../../../../../cli/engine/step.ts';
import { systemClock } from '../../../../../cli/io/clock.ts';
import type { Local } from '../../../../../cli/targets/local/local.ts';
import { pathsOf } from '../../../../../cli/targets/local/paths.ts';
import { startSupervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { findMarked } from '../../../../../cli/targets/local/supervisor/marks.ts';
import { PACKAGE } from '../../../../support/platform.ts';
import { platformOf, temporaryFolder } from '../platforms.ts';

export const known = <T>(id: string, value: T): Step<T> => ({ id, title: id, needs: [], timeout: 1000, check: async () => ({ is: 'done', value }) });

export interface Told {
  outcome: Awaited<ReturnType<typeof runSteps>>;
  events: EngineEvent[];
  /** `changed`, `unchanged`, `planned`, … by step. */
  ends: Record<string, string>;
}

export async function runAll(steps: readonly Step[], given: { dryRun?: boolean; stop?: AbortSignal } = {}): Promise<Told> {
  const never = new AbortController().signal;
  const events: EngineEvent[] = [];
  const outcome = await runSteps(steps, { emit: (event) => void events.push(event), clock: systemClock, stop: given.stop ?? never, leave: never, dryRun: given.dryRun ?? false });
  return { outcome, events, ends: Object.fromEntries(outcome.steps.map(({ step, is }) => [step, is])) };
}

export async function localIn(given: { yaml?: string; environment?: string; folder?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Local & { secrets: string[] }> {
  const { env = {}, folder = temporaryFolder(), ...definition } = given;
  const secrets: string[] = [];
  const platform = await platformOf({ folder, ...definition });
  return { platform, paths: pathsOf(folder, 'local'), env, node: process.execPath, packageRoot: PACKAGE, redact: (secret) => void secrets.push(secret), secrets };
}

/** Ends whatever a test has started there, however the test ended. */
export function endAtEnd({ paths, node, packageRoot }: Local): void {
  onTestFinished(async () => {
    const supervisor = await startSupervisor({ stateDir: paths.state, node, script: `${packageRoot}/dist/processes/supervisor.js` });
    await supervisor.stop();
    for (const { pid } of findMarked(paths.state)) process.kill(pid, 'SIGKILL');
  });
}
