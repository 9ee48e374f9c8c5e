import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { startApiServer } from '../support/api-server.ts';
import { applyAll, desiredIn, recordReleases } from '../support/applied.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const project = path.resolve(import.meta.dirname, '../..');

/** `plan` of prod against a cluster that has it all, beside `kubectl diff` of the same objects; none where this machine lacks the parts. */
export async function benchPlan(pairs: number): Promise<Figure[]> {
  if (!crdFiles()) return skipped('the CRDs of other systems are not on this machine');
  const api = await startApiServer();
  if ('skipped' in api) return skipped(api.skipped);
  const folder = await mkdtemp(path.join(tmpdir(), 'todoctl-bench-'));
  try {
    // Whether its database has connections enough is not what is measured.
    const definition = parseDocument(await readFile(path.join(project, 'todoctl.yaml'), 'utf8'));
    definition.setIn(['environments', 'prod', 'postgres', 'connections'], 1000);
    await writeFile(path.join(folder, 'todoctl.yaml'), String(definition));
    const desired = await desiredIn(await loadPlatform({ cwd: folder, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS }));
    applyCrds(api);
    applyAll(api, desired);
    recordReleases(api, desired);
    const objects = path.join(folder, 'objects.json');
    await writeFile(objects, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: desired.objects.map(({ object }) => object) }));
    const times = await interleave({
      pairs,
      // Ends with 0 only when nothing is different.
      subject: () => timeProcess(process.execPath, [path.join(project, 'bin/run.js'), 'plan', '--env', 'prod', '--kubeconfig', api.kubeconfig], { cwd: folder }),
      // It asks as one field manager for all, so it finds that the generation of some would go up, and ends with 1; more is an error.
      reference: () => timeProcess('sh', ['-c', '"$0" "$@"; [ $? -le 1 ]', api.program, '--kubeconfig', api.kubeconfig, 'diff', '--server-side', '--force-conflicts', '--field-manager=todoctl', '-f', objects]),
    });
    const name = `plan, ${desired.objects.length} objects unchanged`;
    return [figureOf({ name, reference: 'kubectl diff --server-side', goal: '≤ 1.0', as: 'time', meets: (ratio) => ratio <= 1 }, times)];
  } finally {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function skipped(why: string): [] {
  process.stdout.write(`skipped: plan (${why})\n`);
  return [];
}
