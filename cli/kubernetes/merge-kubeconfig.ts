import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { kubeconfigOf } from './private-kubeconfig.ts';

const LISTS = ['clusters', 'contexts', 'users'] as const;

/**
 * Writes one cluster into a person's own kubeconfig, beside what is there: other entries, comments and the current context stay as they
 * are. Takes the lock that kubectl takes, and replaces the file in one go. Errors: TODOCTL_KUBECONFIG_BROKEN.
 */
export async function mergeKubeconfig(file: string, access: ClusterAccess): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // A link stays a link.
  const real = await realpath(file).catch(() => file);
  const lock = `${real}.lock`;
  const held = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw broken(error.code === 'EEXIST' ? `Somebody else writes ${file} at the moment: ${lock} is there` : `${file} cannot be written: ${error.message}`);
  });
  try {
    const before = await readFile(real, 'utf8').catch(() => '');
    const mode = await stat(real).then((found) => found.mode & 0o777, () => 0o600);
    const unfinished = `${real}.${randomUUID()}`;
    await writeFile(unfinished, mergedKubeconfig(before, access, file), { mode });
    await rename(unfinished, real);
  } finally {
    await held.close();
    await rm(lock, { force: true });
  }
}

/** Pure: the text of a kubeconfig with one cluster, user and context more, or those of the same name replaced. */
export function mergedKubeconfig(before: string, access: ClusterAccess, file = 'the kubeconfig'): string {
  // The message of a YAML error quotes its line, which may hold a token.
  const document = parseDocument(before, { prettyErrors: false });
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) throw broken(`${file} is not a kubeconfig; it was left as it is`);
  const ours = kubeconfigOf(access);
  for (const key of ['apiVersion', 'kind'] as const) if (!document.has(key)) document.set(key, ours[key]);
  for (const list of LISTS) for (const entry of ours[list]) put(document, list, entry);
  return document.toString({ lineWidth: 0 });
}

function put(document: Document, list: string, entry: { name: string }): void {
  const entries = document.get(list);
  if (!isSeq(entries)) {
    document.set(list, document.createNode([entry]));
    return;
  }
  const index = entries.items.findIndex((item) => isMap(item) && item.get('name') === entry.name);
  if (index >= 0) entries.set(index, document.createNode(entry));
  else entries.add(document.createNode(entry));
}

function broken(message: string): TodoctlError {
  return new TodoctlError('TODOCTL_KUBECONFIG_BROKEN', { message });
}
