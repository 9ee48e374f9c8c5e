import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Kubernetes } from './client.ts';
import { reasonOf, strange } from './failures.ts';

interface List<T> {
  items?: T[];
  metadata?: { continue?: string };
}

const PAGE = 500;

/** One object by its path; undefined where it, its namespace or its kind is not there. Errors: TODOCTL_CLUSTER_*. */
export async function readObject<T>(kubernetes: Kubernetes, path: string): Promise<T | undefined> {
  const { status, body } = await kubernetes.ask<T>(path);
  if (status === 404) return undefined;
  if (status !== 200) throw refusedToRead(kubernetes, path, status, body);
  return body;
}

/**
 * All objects of a kind below a path, page by page, those with these labels only; none where the kind is not there.
 * Items of a list come without kind and apiVersion. Errors: TODOCTL_CLUSTER_*.
 */
export async function listObjects<T>(kubernetes: Kubernetes, path: string, labels: Readonly<Record<string, string>> = {}, accept?: string): Promise<T[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(',');
  const query = `limit=${PAGE}${selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`}`;
  const objects: T[] = [];
  for (let next = ''; ; ) {
    const { status, body } = await kubernetes.ask<List<T>>(`${path}?${query}${next}`, accept === undefined ? {} : { accept });
    if (status === 404 || status === 405) return [];
    if (status !== 200) throw refusedToRead(kubernetes, path, status, body);
    objects.push(...(body.items ?? []));
    if (!body.metadata?.continue) return objects;
    next = `&continue=${encodeURIComponent(body.metadata.continue)}`;
  }
}

/** What `reading` comes to, or nothing where that may not be seen: for what is good to know and not needed. */
export async function ifAllowed<T>(reading: Promise<T[]>): Promise<T[]> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_FORBIDDEN') return [];
    throw error;
  }
}

function refusedToRead(kubernetes: Kubernetes, path: string, status: number, body: unknown): TodoctlError {
  if (status !== 403) return strange(kubernetes.where, status, body);
  return new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not read ${path} of ${kubernetes.where}`, details: [reasonOf(body)] });
}
