// `npm run bench`: every figure as a ratio to a reference of the same run, written to docs/performance.md.
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchClusterDeploy } from './cluster-deploy.ts';
import { benchClusterTail } from './cluster-tail.ts';
import { benchDeploy } from './deploy.ts';
import type { Figure } from './pairs.ts';
import { benchPlan } from './plan.ts';
import { benchRender } from './render.ts';
import { report } from './report.ts';
import { benchStart } from './start.ts';
import { benchTail } from './tail.ts';

const PAIRS = 9;
const file = path.resolve(import.meta.dirname, '../../docs/performance.md');

const figures: Figure[] = [];
for (const bench of [() => benchStart(15), async () => [await benchDeploy(PAIRS)], () => benchClusterDeploy(PAIRS), () => benchTail(PAIRS), () => benchClusterTail(PAIRS), () => benchPlan(PAIRS), () => benchRender(PAIRS)]) {
  for (const figure of await bench()) {
    process.stdout.write(`${figure.name}: ${figure.ratio.toFixed(2)} × ${figure.reference} (goal ${figure.goal})\n`);
    figures.push(figure);
  }
}
await writeFile(file, report(figures, { node: process.version, cpus: os.availableParallelism(), date: new Date().toISOString().slice(0, 10) }));
process.stdout.write(`Written to ${path.relative(process.cwd(), file)}\n`);
