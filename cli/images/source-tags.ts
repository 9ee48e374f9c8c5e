import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { filesUnder } from './files-under.ts';

const TAG_LENGTH = 12;
/** What all services are made with: a change of it changes all of them. */
const SHARED_FOLDERS = ['services/kit', 'services/contracts'];
const SHARED_FILES = ['package-lock.json', 'services/Dockerfile', 'services/start.js'];

/**
 * The tag that each service's image has: the first 12 hex digits of the SHA-256 of what its code is made of. So an unchanged
 * service keeps its tag and its pods, and the same sources have the same tags on every machine, without a build.
 */
export async function sourceTags(root: string, services: readonly string[]): Promise<Record<string, string>> {
  const shared = await Promise.all([...SHARED_FOLDERS.map((folder) => digest(root, folder)), ...SHARED_FILES.map((file) => digestOfFile(root, file))]);
  const tags = await Promise.all(
    services.map(async (service) => {
      const hash = createHash('sha256');
      for (const part of [...shared, await digest(root, `services/${service}`)]) hash.update(part);
      return [service, hash.digest('hex').slice(0, TAG_LENGTH)] as const;
    }),
  );
  return Object.fromEntries(tags);
}

/** SHA-256 (hex) of the tags of all services: what the one image that holds them all is known by. */
export function sourcesHash(tags: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(Object.entries(tags).sort().map(([service, tag]) => `${service}:${tag}\n`).join('')).digest('hex');
}

/** The tag of the image as a whole, beside those of its services: an image that is there under it needs other tags only. */
export function imageTag(tags: Readonly<Record<string, string>>): string {
  return `image-${sourcesHash(tags).slice(0, TAG_LENGTH)}`;
}

/** Digest of the names and contents of a folder's files; that of nothing where there is no folder. */
async function digest(root: string, folder: string): Promise<Buffer> {
  const files = (await filesUnder(path.join(root, folder))).map((file) => path.relative(root, file).split(path.sep).join('/'));
  const contents = await Promise.all(files.map((file) => digestOfFile(root, file)));
  const hash = createHash('sha256');
  files.forEach((file, index) => hash.update(`${file}\0`).update(contents[index] ?? ''));
  return hash.digest();
}

async function digestOfFile(root: string, file: string): Promise<Buffer> {
  const content = await readFile(path.join(root, file)).catch(() => '');
  return createHash('sha256').update(content).digest();
}
