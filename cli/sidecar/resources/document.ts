import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ResourceError } from './resource-error.ts';

/** One YAML document that Dapr understands, with the file it stands in. */
export interface ResourceDocument {
  file: string;
  kind: string;
  apiVersion: string;
  name: string;
  scopes: string[];
  /** The whole document; each kind's reader checks what it needs. */
  body: Record<string, unknown>;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as text, as Dapr takes YAML scalars in places where it wants a string. */
export function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function read(file: string, body: unknown): ResourceDocument | undefined {
  if (body === null || body === undefined) return undefined;
  if (!isRecord(body)) throw new ResourceError(file, 'is not a Dapr resource');
  const { kind, apiVersion, metadata, scopes } = body;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') throw new ResourceError(file, 'has no kind or apiVersion');
  const name = isRecord(metadata) ? scalar(metadata['name']) : undefined;
  if (!name) throw new ResourceError(file, `${kind} has no metadata.name`);
  return { file, kind, apiVersion, name, body, scopes: Array.isArray(scopes) ? scopes.map(String) : [] };
}

/** The documents of one YAML file; empty ones are passed over. */
export async function readDocuments(file: string): Promise<ResourceDocument[]> {
  const found: ResourceDocument[] = [];
  for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
    const [problem] = document.errors;
    if (problem) throw new ResourceError(file, problem.message);
    const resource = read(file, document.toJS());
    // daprd 1.18 reads no further (pkg/resiliency, loadLocalResiliencyPath): its policies would be missing there without a word.
    if (resource?.kind === 'Resiliency' && found.length > 0) throw new ResourceError(file, `Resiliency ${resource.name} must stand in a file of its own`);
    if (resource) found.push(resource);
  }
  return found;
}

/** All documents of a folder's *.yaml and *.yml files, in the order of their names. */
export async function readFolder(folder: string): Promise<ResourceDocument[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return (await Promise.all(names.map((name) => readDocuments(path.join(folder, name))))).flat();
}

/** Whether a resource is meant for this app: no scopes means everyone. */
export function inScope(resource: { scopes: string[] }, appId: string): boolean {
  return resource.scopes.length === 0 || resource.scopes.includes(appId);
}
