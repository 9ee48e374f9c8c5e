import type { Kubernetes } from '../../kubernetes/client.ts';
import { listObjects, readObject } from '../../kubernetes/read.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { reasonOf } from '../../kubernetes/failures.ts';
import { decodeRelease, type InstalledRelease } from './compare/releases.ts';

/** What Helm keeps of one revision of a release, without what is in it: that can be a megabyte. */
export interface ReleaseRecord {
  /** Name of the Secret. */
  secret: string;
  revision: number;
  status: 'deployed' | 'superseded' | 'failed' | 'uninstalled' | 'uninstalling' | 'pending-install' | 'pending-upgrade' | 'pending-rollback' | 'unknown';
  /** When it was last written, milliseconds since the epoch. */
  at: number;
  labels: Readonly<Record<string, string>>;
}

interface Secret {
  metadata: { name: string; namespace?: string; creationTimestamp?: string; labels?: Record<string, string> };
}

/** `namespace/release` → all of its revisions, newest first. */
export type AllRecords = ReadonlyMap<string, readonly ReleaseRecord[]>;

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** All revisions of a release, newest first. Errors: TODOCTL_CLUSTER_FORBIDDEN and those of asking. */
export async function readRecords(kubernetes: Kubernetes, namespace: string, release: string): Promise<ReleaseRecord[]> {
  const selector = encodeURIComponent(`owner=helm,name=${release}`);
  const { status, body } = await kubernetes.ask<{ items?: Secret[] }>(`${secretsOf(namespace)}?labelSelector=${selector}`, { accept: METADATA });
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `What Helm keeps of ${release} may not be read`, details: [reasonOf(body)] });
  return newestFirst((body.items ?? []).map(recordIn));
}

/** The revisions of all releases of a cluster by one question; undefined for who may not read Secrets everywhere. Errors: TODOCTL_CLUSTER_*. */
export async function readAllRecords(kubernetes: Kubernetes): Promise<AllRecords | undefined> {
  const secrets = await unlessForbidden(listObjects<Secret>(kubernetes, '/api/v1/secrets', { owner: 'helm' }, METADATA));
  if (!secrets) return undefined;
  const releases = Map.groupBy(secrets, ({ metadata: { namespace = '', labels = {} } }) => `${namespace}/${labels['name'] ?? ''}`);
  return new Map([...releases].map(([name, records]) => [name, newestFirst(records.map(recordIn))]));
}

function recordIn({ metadata: { name, creationTimestamp, labels = {} } }: Secret): ReleaseRecord {
  return {
    secret: name,
    revision: Number(labels['version'] ?? 0),
    status: (labels['status'] ?? 'unknown') as ReleaseRecord['status'],
    // Helm writes seconds, and gives an upgrade's record the labels of the one before: what was just made may seem older than it is.
    at: Math.max(Date.parse(creationTimestamp ?? '') || 0, Number(labels['modifiedAt'] ?? 0) * 1000),
    labels,
  };
}

function newestFirst(records: ReleaseRecord[]): ReleaseRecord[] {
  return records.sort((one, other) => other.revision - one.revision);
}

/** The same; undefined where they may not be read, as those of charts that an administrator looks after. */
export async function recordsIfAllowed(kubernetes: Kubernetes, namespace: string, release: string): Promise<ReleaseRecord[] | undefined> {
  return unlessForbidden(readRecords(kubernetes, namespace, release));
}

async function unlessForbidden<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_FORBIDDEN') return undefined;
    throw error;
  });
}

/** What is in a record: its chart and the values that were given. Undefined where it has gone meanwhile or cannot be read. */
export async function readRelease(kubernetes: Kubernetes, namespace: string, { secret }: Pick<ReleaseRecord, 'secret'>): Promise<InstalledRelease | undefined> {
  const found = await readObject<{ data?: { release?: string } }>(kubernetes, `${secretsOf(namespace)}/${encodeURIComponent(secret)}`);
  return found?.data?.release === undefined ? undefined : decodeRelease(found.data.release).catch(() => undefined);
}

function secretsOf(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
}
