import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadPlatform } from '../../cli/definition/load.ts';
import type { Platform } from '../../cli/definition/platform.ts';
import { renderEnvironment } from '../../cli/render/environment.ts';
import type { Rendered } from '../../cli/render/rendered.ts';
import { openTemplates } from '../../cli/render/templates.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../cli/systems/all.ts';
import { namespaceOf } from '../../cli/systems/names.ts';
import { getHelm } from '../tools/helm/build.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const root = path.resolve(import.meta.dirname, '../..');
const todoctl = path.join(root, 'bin/run.js');
const chart = path.join(root, 'charts/todo');
const SERVICES = [50, 100, 200] as const;

/**
 * `todoctl render --env prod` against `helm template` of charts/todo alone, with the same values; and how the cost grows with the
 * number of services. Errors: Error where Helm cannot be built.
 */
export async function benchRender(pairs: number): Promise<Figure[]> {
  const helm = getHelm();
  if ('skipped' in helm) throw new Error(helm.skipped);
  const folder = await mkdtemp(path.join(tmpdir(), 'todoctl-bench-'));
  try {
    const platform = await platformIn(root, 'prod');
    const templates = openTemplates();
    const render = (of: Platform): Rendered[] => renderEnvironment(of, SYSTEMS, Object.fromEntries(of.services.map(({ name }) => [name, 'tag'])), templates);
    const values = path.join(folder, 'values.yaml');
    await writeFile(values, render(platform).find(({ path: file }) => file.endsWith('/todo.values.yaml'))?.text ?? '');
    const args = ['template', 'todo', chart, '-n', namespaceOf(platform), '-f', values];
    const reference = (): Promise<number> => timeProcess(helm.binary, args, { env: helm.env });
    const command = ['render', '--env', 'prod', '--out', path.join(folder, 'rendered')];
    // Once before, as everywhere: the compile cache is there; the folder has been written.
    execFileSync(process.execPath, [todoctl, ...command], { cwd: root, stdio: 'ignore' });
    const whole = await interleave({ pairs, reference, subject: () => timeProcess(process.execPath, [todoctl, ...command], { cwd: root }) });
    const warm = await interleave({ pairs, reference, subject: async () => timed(() => render(platform)) });
    const grown = await Promise.all(SERVICES.map((services) => grownPlatform(folder, services)));
    return [
      figureOf({ name: 'render --env prod, the command', reference: 'helm template charts/todo', goal: '≤ 4', as: 'time', meets: (ratio) => ratio <= 4 }, whole),
      figureOf({ name: 'render --env prod, in a warm process', reference: 'helm template charts/todo', goal: '≤ 1', as: 'time', meets: (ratio) => ratio <= 1 }, warm),
      ...(await growth(pairs, grown, render)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The cost of one service among many, against that of one among fewer: 1 where the cost grows as the number does. */
async function growth(pairs: number, grown: readonly Platform[], render: (platform: Platform) => unknown): Promise<Figure[]> {
  const [few, ...more] = grown;
  if (!few) return [];
  const of = async (platform: Platform): Promise<number> => timed(() => render(platform)) / platform.services.length;
  const figures: Figure[] = [];
  for (const many of more) {
    const times = await interleave({ pairs, reference: () => of(few), subject: () => of(many) });
    const name = `render of ${many.services.length} services, each of them`;
    figures.push(figureOf({ name, reference: `of ${few.services.length} services`, goal: '≤ 1.3', as: 'time', meets: (ratio) => ratio <= 1.3 }, times));
  }
  return figures;
}

function timed(work: () => unknown): number {
  const begun = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

function platformIn(cwd: string, environment: string): Promise<Platform> {
  return loadPlatform({ cwd, environment, env: {}, systems: SYSTEM_SCHEMAS });
}

/** The services of a platform so large that hardly anybody has it; each with what a service of ours has. */
async function grownPlatform(folder: string, services: number): Promise<Platform> {
  const cwd = path.join(folder, `services-${services}`);
  await mkdir(cwd);
  const lines = Array.from({ length: services }, (_, index) => `  service-${index}: { route: /${index}, publishes: [events-${index}], subscribes: [events-${(index + 1) % services}], database: true, scale: { min: 2, max: 6, cpu: 70 } }`);
  const topics = Array.from({ length: services }, (_, index) => `  events-${index}: { key: task, partitions: 3 }`);
  const prod = `  prod: { provider: digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }, auth: { jwks: https://id.example.com/keys }, host: todo.example.com }`;
  await writeFile(path.join(cwd, 'todoctl.yaml'), `platform: todo\ntopics:\n${topics.join('\n')}\nservices:\n${lines.join('\n')}\nenvironments:\n${prod}\n`);
  return platformIn(cwd, 'prod');
}

if (import.meta.main) {
  for (const { name, ratio, spread, subjectMs, referenceMs, pairs, met } of await benchRender(9)) {
    process.stdout.write(`${JSON.stringify({ name, ratio, median: subjectMs, reference: referenceMs, spread, pairs, met })}\n`);
  }
}
