import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ApiAssociated } from './api.ts';
import { readRecord } from './cluster/record.ts';

/** UUIDs of what a deleted cluster leaves behind: once it is gone, nobody can be asked any more what was its. */
export interface Leaving {
  clusters: readonly string[];
  loadBalancers: readonly string[];
  volumes: readonly string[];
  snapshots: readonly string[];
}

const NOTHING: Leaving = { clusters: [], loadBalancers: [], volumes: [], snapshots: [] };

/** With the cluster that is remembered as the environment's: somebody may have deleted it by hand. */
export async function readLeaving({ leaving, record }: { leaving: string; record: string }): Promise<Leaving> {
  const [noted, known] = await Promise.all([readNoted(leaving), readRecord(record)]);
  return { ...noted, clusters: together(noted.clusters, known ? [known.id] : []) };
}

async function readNoted(file: string): Promise<Leaving> {
  try {
    return { ...NOTHING, ...(JSON.parse(await readFile(file, 'utf8')) as Partial<Leaving>) };
  } catch {
    return NOTHING;
  }
}

/** Written down before the cluster is asked to go: a run that is killed after that finds it. */
export async function noteLeaving(file: string, cluster: string, { load_balancers, volumes, volume_snapshots }: ApiAssociated): Promise<void> {
  const before = await readNoted(file);
  const ids = (some: ApiAssociated['volumes']): string[] => (some ?? []).map(({ id }) => id);
  const after: Leaving = {
    clusters: together(before.clusters, [cluster]),
    loadBalancers: together(before.loadBalancers, ids(load_balancers)),
    volumes: together(before.volumes, ids(volumes)),
    snapshots: together(before.snapshots, ids(volume_snapshots)),
  };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
}

function together(before: readonly string[], now: readonly string[]): string[] {
  return [...new Set([...before, ...now])];
}
