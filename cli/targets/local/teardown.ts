import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Step } from '../../engine/step.ts';
import { processScripts } from './package-root.ts';
import type { Paths } from './paths.ts';
import { findProcesses } from './resources.ts';
import { lockStep } from './steps/ground.ts';
import { connectSupervisor, startSupervisor } from './supervisor/client.ts';
import { endStrays } from './supervisor/remains.ts';
import { readRecord } from './supervisor/record.ts';

export interface TeardownGiven {
  paths: Paths;
  node: string;
  packageRoot: string;
  keepData: boolean;
}

/** What the data is of no use without, or what makes the next deploy quick. */
const KEPT_WITH_DATA = ['data', 'secrets', 'ports.json', 'build'];

/** Ends what runs, then removes what is left on the disk. Goes by what is found, so that it also works without todoctl.yaml. */
export function teardownSteps(given: TeardownGiven): Step[] {
  const lock = lockStep(given.paths);
  const stop = stopStep(given, lock);
  return [lock, stop, removeStep(given, stop)];
}

function stopStep({ paths, node, packageRoot }: TeardownGiven, lock: Step): Step {
  return {
    id: 'stop',
    title: 'Stop all processes',
    needs: [lock],
    timeout: 180_000,
    async check() {
      const running = findProcesses(paths.state);
      if (running.length === 0) return { is: 'done', value: undefined };
      return { is: 'drifted', value: undefined, changes: running.map(({ name, id }) => ({ what: name, from: `pid ${id}`, to: 'stopped' })) };
    },
    async apply() {
      // One that runs is asked, whatever build it is of. A dead one's processes are adopted by a new one, which ends them in their order.
      if (readRecord(paths.state)) {
        const supervisor = (await connectSupervisor(paths.state)) ?? (await startSupervisor({ stateDir: paths.state, node, script: processScripts(packageRoot).supervisor }));
        await supervisor.stop();
      }
      await endStrays(paths.state);
    },
  };
}

function removeStep({ paths, keepData }: TeardownGiven, stop: Step): Step {
  const doomed = async (): Promise<string[]> => {
    const there = await readdir(paths.state).catch(() => undefined);
    if (!there) return [];
    return keepData ? there.filter((name) => !KEPT_WITH_DATA.includes(name)).map((name) => path.join(paths.state, name)) : [paths.state];
  };
  return {
    id: 'remove',
    title: keepData ? 'Remove everything but the data' : 'Remove the data and everything else',
    needs: [stop],
    timeout: 60_000,
    async check() {
      const files = await doomed();
      if (files.length === 0) return { is: 'done', value: undefined };
      return { is: 'drifted', value: undefined, changes: files.map((file) => ({ what: path.relative(paths.root, file), to: 'removed' })) };
    },
    async apply() {
      for (const file of await doomed()) await rm(file, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
