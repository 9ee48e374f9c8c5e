import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const project = path.resolve(import.meta.dirname, '../..');
const todoctl = path.join(project, 'bin/run.js');

/** `deploy` of a stopped platform whose data and bundles are there, until everything is ready. */
export async function benchDeploy(pairs: number): Promise<Figure> {
  const folder = await mkdtemp(path.join(tmpdir(), 'todoctl-bench-'));
  try {
    await copyFile(path.join(project, 'todoctl.yaml'), path.join(folder, 'todoctl.yaml'));
    const run = (...args: string[]): Promise<number> => timeProcess(process.execPath, [todoctl, ...args], { cwd: folder });
    const stop = (): Promise<number> => run('teardown', '--keep-data', '--yes');
    await run('deploy');
    await stop();
    const times = await interleave({
      pairs,
      subject: async () => {
        const ms = await run('deploy');
        await stop();
        return ms;
      },
      reference: () => timeProcess(process.execPath, ['-e', '0']),
    });
    await run('teardown', '--yes');
    return figureOf({ name: 'deploy, stopped and warm', reference: 'node -e 0', goal: '≤ 60', as: 'time', meets: (ratio) => ratio <= 60 }, times);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
