import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { filesUnder } from './files-under.ts';
import { type BundleRecord, isFresh, readRecord, recordOf, writeRecord } from './inputs.ts';

export interface BundleGiven {
  /** Folder that holds `services/`. */
  root: string;
  /** Service whose `services/<name>/main.ts` is the entry. */
  name: string;
  /** Gets main.js, its chunks and a copy of `services/<name>/public`. */
  outDir: string;
}

export interface Bundle {
  /** Absolute path of main.js. */
  entry: string;
  /** SHA-256 (hex) of all files of the bundle: the same code has the same hash on every machine. */
  hash: string;
  /** True when nothing had to be done. */
  fresh: boolean;
}

/** Part of the record: a change here bundles everything anew. */
const RECIPE = 2;

// Bundled CommonJS packages call require().
const BANNER = "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

/**
 * Bundles a service into one folder that needs no node_modules. What a service imports with `import()` becomes a chunk that is
 * loaded on first use. When no input has changed since the last time, nothing is done, and esbuild is not even loaded.
 * Throws TODOCTL_BUNDLE_FAILED with esbuild's messages.
 */
export async function bundleService({ root, name, outDir }: BundleGiven): Promise<Bundle> {
  const entry = path.join(outDir, 'main.js');
  const publicFolder = path.join(root, 'services', name, 'public');
  const known = await knownBundle({ root, name, outDir });
  if (known) return known;

  const { files, inputs } = await build(root, name, outDir);
  await mkdir(outDir, { recursive: true });
  // The record goes first and comes last: an interrupted run is seen as none.
  await rm(path.join(outDir, 'inputs.json'), { force: true });
  await removeOthers(outDir, files.map((file) => file.path));
  await Promise.all(files.map((file) => writeFile(file.path, file.contents)));
  const assets = await copyPublic(publicFolder, path.join(outDir, 'public'));
  const record: BundleRecord = { ...(await recordOf(RECIPE, root, [...inputs, ...assets])), hash: await hashOf(outDir) };
  await writeRecord(outDir, record);
  return { entry, hash: record.hash, fresh: false };
}

/** The bundle that is there, or undefined when there is none or an input has changed since. */
export async function knownBundle({ root, outDir }: BundleGiven): Promise<Bundle | undefined> {
  const known = await readRecord(outDir);
  if (!known || !(await isFresh(known, RECIPE, root))) return undefined;
  return { entry: path.join(outDir, 'main.js'), hash: known.hash, fresh: true };
}

async function build(root: string, name: string, outDir: string): Promise<{ files: { path: string; contents: Uint8Array }[]; inputs: string[] }> {
  const { build: bundle } = await import('esbuild');
  try {
    const { outputFiles, metafile } = await bundle({
      absWorkingDir: root,
      entryPoints: { main: `services/${name}/main.ts` },
      outdir: outDir,
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      platform: 'node',
      format: 'esm',
      target: 'node26',
      banner: { js: BANNER },
      external: ['pg-native'],
      loader: { '.html': 'text', '.sql': 'text', '.css': 'text' },
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    for (const folder of new Set(outputFiles.map((file) => path.dirname(file.path)))) await mkdir(folder, { recursive: true });
    return { files: outputFiles, inputs: Object.keys(metafile.inputs) };
  } catch (error) {
    throw bundleError(name, error);
  }
}

function bundleError(name: string, error: unknown): TodoctlError {
  const { errors = [], message } = error as { errors?: { text: string; location?: { file: string; line: number; column: number } | null }[]; message: string };
  if (errors.length === 0) {
    // A Ctrl-C of the terminal goes to esbuild's process too.
    return new TodoctlError('TODOCTL_BUNDLE_FAILED', {
      message: `The service ${name} could not be bundled: esbuild ended in the middle of it`,
      why: 'The process of esbuild was ended from outside; the code of the service may be fine.',
      next: ['Run todoctl deploy again.'],
      details: [message],
      cause: error,
    });
  }
  return new TodoctlError('TODOCTL_BUNDLE_FAILED', {
    message: `The service ${name} could not be bundled`,
    details: errors.map(({ text, location }) => (location ? `${location.file}:${location.line}:${location.column + 1} ${text}` : text)),
    cause: error,
  });
}

/** Copies a service's static files and says which they are, relative to the project. */
async function copyPublic(from: string, to: string): Promise<string[]> {
  await rm(to, { recursive: true, force: true });
  if (!(await stat(from).then((found) => found.isDirectory(), () => false))) return [];
  await cp(from, to, { recursive: true });
  // The folder itself is an input: a file that is added or removed changes its time.
  return [from, ...(await filesUnder(from))];
}

async function removeOthers(outDir: string, keep: readonly string[]): Promise<void> {
  const others = (await filesUnder(outDir)).filter((file) => !keep.includes(file));
  await Promise.all(others.map((file) => rm(file, { force: true })));
}

async function hashOf(outDir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesUnder(outDir)) hash.update(`${path.relative(outDir, file)}\0`).update(await readFile(file)).update('\0');
  return hash.digest('hex');
}
