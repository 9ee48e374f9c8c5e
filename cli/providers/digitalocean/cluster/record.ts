import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What is remembered of an environment's cluster beside its private kubeconfig. */
export interface ClusterRecord {
  /** UUID at DigitalOcean. */
  id: string;
  name: string;
  region: string;
  /** UID of kube-system: whoever answers at its address must have it. */
  uid: string;
  /** When the token of the kubeconfig ends, milliseconds since the epoch. */
  expires: number;
}

/** Undefined where there is none, or none that can be read: it is asked for anew. */
export async function readRecord(file: string): Promise<ClusterRecord | undefined> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8')) as ClusterRecord;
    return typeof read.id === 'string' && typeof read.uid === 'string' ? read : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(file: string, record: ClusterRecord): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

/** Forgets a cluster that is gone. */
export async function forget(...files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
}
