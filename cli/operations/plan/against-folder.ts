import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { identityOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { readIndex, refuseOther } from '../render/folder.ts';
import { changeOf } from '../../targets/cluster/compare/against-cluster.ts';
import type { Change, Comparison } from '../../targets/cluster/compare/change.ts';
import { type Desired, objectsOf } from '../../targets/cluster/compare/desired.ts';
import { differences } from '../../targets/cluster/compare/differences.ts';
import { sizesInTerraform } from './price.ts';
import { pruneReason } from '../../targets/cluster/compare/reasons.ts';
import { releaseChange } from '../../targets/cluster/compare/releases.ts';
import { type Topics, topicsInTerraform } from '../../targets/cluster/compare/topics.ts';

export interface FolderComparison extends Comparison {
  live: KubernetesObject[];
  /** The size of each node that it asks for; empty where it says nothing of nodes. */
  sizes: string[];
  /** What it has in a managed Kafka. */
  managed: Topics;
}

interface RenderedRelease {
  release: string;
  chart: string;
  version: string;
  values: string;
}

/** Compares with what an earlier render wrote into a folder. Errors: TODOCTL_FOLDER_NOT_RENDERED, TODOCTL_FOLDER_OF_ANOTHER. */
export async function compareWithFolder(folder: string, platform: Platform, desired: Desired, systems: readonly string[]): Promise<FolderComparison> {
  const index = await readIndex(folder);
  if (!index) throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${folder} was not written by todoctl render` });
  refuseOther(folder, index, { platform: platform.name, environment: platform.environment.name });
  const paths = Object.keys(index.files).filter((file) => file.startsWith('objects/'));
  const live = (await Promise.all(paths.map((file) => read(folder, file, (text) => objectsOf(text).map(whole))))).flat();
  const before = new Map(live.map((object) => [identityOf(object), object]));
  const wanted = new Set(desired.objects.map(({ head }) => identityOf(head)));
  const objects = desired.objects.flatMap((one): Change[] => {
    const there = before.get(identityOf(one.head));
    if (!there) return [changeOf(one, 'create', 'the render has it not', [])];
    const fields = differences(withoutHelm(there), withoutHelm(one.object));
    return fields.length > 0 ? [changeOf(one, 'change', 'it is declared otherwise', fields)] : [];
  });
  const gone = live.filter((object) => !wanted.has(identityOf(object)));
  return {
    changes: [...(await releases(folder, desired)), ...objects, ...gone.map((object): Change => pruned(object, platform, systems))],
    approximate: false,
    unseen: [],
    warnings: [],
    live,
    sizes: sizesInTerraform(await textOf(folder, 'terraform/variables.tf')),
    managed: topicsInTerraform(await textOf(folder, 'terraform/main.tf')),
  };
}

/** A render does not have what Helm will write into its objects. */
function withoutHelm(object: KubernetesObject): KubernetesObject {
  const { labels = {}, annotations = {}, ...metadata } = object.metadata;
  const keep = (map: Record<string, string>, helm: readonly string[]): Record<string, string> => Object.fromEntries(Object.entries(map).filter(([key]) => !helm.includes(key)));
  return {
    ...object,
    metadata: { ...metadata, labels: keep(labels, ['app.kubernetes.io/managed-by']), annotations: keep(annotations, ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace']) },
  };
}

async function releases(folder: string, desired: Desired): Promise<Change[]> {
  const before = await read(folder, 'helm/releases.yaml', (text) => {
    const listed = parse(text, { prettyErrors: false }) as { releases?: RenderedRelease[] } | null;
    return new Map((listed?.releases ?? []).map((release) => [release.release, release]));
  });
  const changes = await Promise.all(
    desired.releases.map(async (wanted) => {
      const there = before.get(wanted.release);
      if (!there) return releaseChange(wanted, undefined);
      const config = await read(folder, there.values, (text) => parse(text, { prettyErrors: false }) as Record<string, unknown> | null);
      return releaseChange(wanted, { chart: { metadata: { name: there.chart, version: there.version } }, ...(config ? { config } : {}) });
    }),
  );
  return changes.filter((change) => change !== undefined);
}

function pruned(object: KubernetesObject, platform: Platform, systems: readonly string[]): Change {
  const { kind, metadata: { name, namespace, labels } } = object;
  return { action: 'prune', kind, ...(namespace === undefined ? {} : { namespace }), name, system: labels?.['todoctl.io/system'] ?? '', reason: pruneReason(object, platform, systems), fields: [] };
}

/** What a file holds. Errors: TODOCTL_FOLDER_NOT_RENDERED, when somebody made something else of it. */
async function read<T>(folder: string, file: string, parsed: (text: string) => T): Promise<T> {
  const text = await textOf(folder, file);
  try {
    return parsed(text);
  } catch (cause) {
    throw new TodoctlError('TODOCTL_FOLDER_NOT_RENDERED', { message: `${path.join(folder, file)} is not as todoctl render writes it`, next: ['Render into the folder again: run todoctl render with --out.'], cause });
  }
}

function whole(object: KubernetesObject): KubernetesObject {
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string' || typeof object.metadata.name !== 'string') throw new TypeError('no object of Kubernetes');
  return object;
}

/** A file that the index names and that is gone is as if it had never been. */
async function textOf(folder: string, file: string): Promise<string> {
  return readFile(path.join(folder, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
