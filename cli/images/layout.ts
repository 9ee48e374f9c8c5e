import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleService } from './bundle.ts';
import { filesUnder } from './files-under.ts';

export interface LayoutGiven {
  /** Folder that holds `services/`. */
  root: string;
  services: readonly string[];
  /** Gets `bundles/`, which the next run goes on from, and `image/`. */
  folder: string;
  progress: (line: string) => void;
}

export interface Layout {
  /** The folder that the image is made from. */
  folder: string;
  dockerfile: string;
  /** SHA-256 (hex) of names and contents: the same sources have the same on every machine. */
  hash: string;
}

/** What the image needs besides the bundles, from the folder of the project to the same place. */
const FILES = ['services/Dockerfile', 'services/start.js'];
/** The bundles are modules; of the project's own package.json nothing else is needed, and it changes more often. */
const PACKAGE = '{ "private": true, "type": "module" }\n';
const EPOCH = new Date(0);

/**
 * Lays out the folder that the image is made from: bundles of all services, which hold all that they import. The same sources make
 * the same bytes, times and modes. Errors: TODOCTL_BUNDLE_FAILED.
 */
export async function layOut({ root, services, folder, progress }: LayoutGiven): Promise<Layout> {
  const image = path.join(folder, 'image');
  await rm(image, { recursive: true, force: true });
  for (const name of [...services].sort()) {
    const outDir = path.join(folder, 'bundles', name);
    const { fresh } = await bundleService({ root, name, outDir });
    progress(`${name} ${fresh ? 'is bundled already' : 'bundled'}`);
    await cp(outDir, path.join(image, 'dist/services', name), { recursive: true, filter: (file) => path.basename(file) !== 'inputs.json' });
  }
  await mkdir(path.join(image, 'services'), { recursive: true });
  await Promise.all(FILES.map((file) => cp(path.join(root, file), path.join(image, file))));
  await writeFile(path.join(image, 'package.json'), PACKAGE);
  const files = await filesUnder(image);
  await Promise.all(files.map(async (file) => {
    await chmod(file, 0o644);
    await utimes(file, EPOCH, EPOCH);
  }));
  return { folder: image, dockerfile: path.join(image, FILES[0] ?? ''), hash: await hashOf(image, files) };
}

async function hashOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${path.relative(folder, file).split(path.sep).join('/')}\0`).update(createHash('sha256').update(await readFile(file)).digest());
  return hash.digest('hex');
}
