import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { Change } from './change.ts';
import type { WantedRelease } from './desired.ts';
import { differences } from './differences.ts';

/** What Helm keeps of a release: as much as is compared. */
export interface InstalledRelease {
  chart: { metadata: { name: string; version: string } };
  /** The values that were given. */
  config?: Record<string, unknown>;
}

interface Secrets {
  items?: { metadata: { labels?: Record<string, string> }; data?: { release?: string } }[];
}

const unzip = promisify(gunzip);

/** What would become of the Helm releases of other people's charts: installed, upgraded, given other values. */
export async function compareReleases(kubernetes: Kubernetes, releases: readonly WantedRelease[]): Promise<{ changes: Change[]; unseen: string[] }> {
  const found = await Promise.all(releases.map(async (wanted) => ({ wanted, installed: await installedRelease(kubernetes, wanted) })));
  const hidden = found.filter(({ installed }) => installed === 'hidden').map(({ wanted }) => wanted.release);
  return {
    changes: found.flatMap(({ wanted, installed }) => {
      if (installed === 'hidden') return [];
      return releaseChange(wanted, installed) ?? [];
    }),
    unseen: hidden.length > 0 ? [`What Helm keeps of its releases cannot be read: whether ${hidden.join(', ')} would be installed is not known.`] : [],
  };
}

/** The change of one release; undefined where nothing is different. */
export function releaseChange({ release, namespace, chart, version, system, values }: WantedRelease, installed: InstalledRelease | undefined): Change | undefined {
  const change = (action: Change['action'], reason: string, fields: Change['fields'] = []): Change => ({ action, kind: 'HelmRelease', namespace, name: release, system, reason, fields });
  const name = chart.split('/').at(-1) ?? chart;
  if (!installed) return change('create', `${name} ${version} would be installed`);
  const { version: there } = installed.chart.metadata;
  const fields = differences(installed.config ?? {}, (values ?? {}) as Record<string, unknown>);
  if (there !== version) return change('change', `${name} ${there} would become ${version}`, fields);
  return fields.length > 0 ? change('change', `${name} would get other values`, fields) : undefined;
}

async function installedRelease(kubernetes: Kubernetes, { release, namespace }: WantedRelease): Promise<InstalledRelease | 'hidden' | undefined> {
  const labels = encodeURIComponent(`owner=helm,name=${release},status=deployed`);
  const { status, body } = await kubernetes.ask<Secrets>(`/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets?labelSelector=${labels}`);
  if (status === 403) return 'hidden';
  const newest = [...(body.items ?? [])].sort((a, b) => revision(b) - revision(a))[0]?.data?.release;
  // What is no record of Helm's says nothing, as one that may not be read.
  return newest === undefined ? undefined : decodeRelease(newest).catch(() => 'hidden' as const);
}

function revision({ metadata }: { metadata: { labels?: Record<string, string> } }): number {
  return Number(metadata.labels?.['version'] ?? 0);
}

/** Helm's record: JSON, zipped, base64, and once more base64 as all data of a Secret. */
export async function decodeRelease(data: string): Promise<InstalledRelease> {
  const zipped = Buffer.from(Buffer.from(data, 'base64').toString('utf8'), 'base64');
  return JSON.parse((await unzip(zipped)).toString('utf8')) as InstalledRelease;
}
