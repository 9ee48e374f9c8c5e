import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadPlatform } from '../../cli/definition/load.ts';
import { folderOf } from '../../cli/render/environment.ts';
import { valuesPath } from '../../cli/render/own-chart.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { wantedOf } from '../../cli/targets/cluster/wanted.ts';
import { startApiServer } from '../support/api-server.ts';
import { openClusterStage } from '../support/cluster-stage.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { getHelm } from '../tools/helm/build.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * `deploy` into a cluster where nothing is to be changed, beside a `helm upgrade` of each of its releases and a `kubectl apply` of its
 * other objects: a real API server, small charts, operators that are ready at once. None where this machine lacks the parts.
 */
export async function benchClusterDeploy(pairs: number): Promise<Figure[]> {
  if (!crdFiles()) return skipped('the CRDs of other systems are not on this machine');
  const helm = getHelm();
  if ('skipped' in helm) return skipped(helm.skipped);
  const api = await startApiServer();
  if ('skipped' in api) return skipped(api.skipped);
  applyCrds(api);
  const stage = await openClusterStage(api, helm);
  try {
    const env = { PATH: `${path.dirname(helm.binary)}:${process.env['PATH'] ?? ''}`, HOME: path.join(stage.project, 'home'), KUBECONFIG: api.kubeconfig };
    const deploy = (): Promise<number> => timeProcess(process.execPath, [path.join(root, 'bin/run.js'), 'deploy', '--env', 'far', '--skip', 'smoke'], { cwd: stage.project, env });
    await deploy();
    const commands = await byHand(stage.project, helm.binary, api.program);
    const reference = async (): Promise<number> => {
      let sum = 0;
      for (const [program, ...args] of commands) sum += await timeProcess(program, args, { cwd: stage.project, env });
      return sum;
    };
    await reference();
    await deploy();
    const times = await interleave({ pairs, subject: deploy, reference });
    return [figureOf({ name: 'deploy into a cluster, nothing to change', reference: `${commands.length - 1} × helm upgrade, kubectl apply`, goal: '≤ 0.5', as: 'time', meets: (ratio) => ratio <= 0.5 }, times)];
  } finally {
    await stage.stop();
    await api.stop();
  }
}

type Command = [program: string, ...args: string[]];

/** What a person would run, who has all files rendered. */
async function byHand(project: string, helm: string, kubectl: string): Promise<Command[]> {
  const { files, systems, desired, platform } = await wantedOf(await loadPlatform({ cwd: project, environment: 'far', env: {}, systems: SYSTEM_SCHEMAS }));
  const folder = path.join(project, 'by-hand');
  await mkdir(folder);
  const labels = `todoctl.io/platform=${platform.name},todoctl.io/environment=far`;
  const upgrades = systems.flatMap((system, index) => {
    const charts = (system.charts ?? []).map(({ release, namespace }) => ({ release, namespace, chart: path.join(project, 'charts', release) }));
    const own = system.own ? [{ release: system.own.release, namespace: platform.name, chart: path.join(root, 'charts', system.own.chart) }] : [];
    return [...charts, ...own].map((release) => ({ ...release, values: files.find((file) => file.path === valuesPath(folderOf(index, system), release.release))?.text ?? '' }));
  });
  for (const { release, values } of upgrades) await writeFile(path.join(folder, `${release}.yaml`), values);
  const objects = path.join(folder, 'objects.json');
  await writeFile(objects, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: desired.objects.filter(({ manager }) => manager === 'todoctl').map(({ object }) => object) }));
  return [
    ...upgrades.map(({ release, namespace, chart }): Command => [helm, 'upgrade', release, chart, '--namespace', namespace, '--values', path.join(folder, `${release}.yaml`), '--labels', labels, '--skip-crds', '--server-side=true', '--force-conflicts']),
    [kubectl, 'apply', '--server-side', '--force-conflicts', '--field-manager=todoctl', '-f', objects],
  ];
}

function skipped(why: string): [] {
  process.stdout.write(`deploy into a cluster: skipped, ${why}\n`);
  return [];
}
