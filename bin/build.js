// Builds dist/: the CLI (packages stay in node_modules), the long-running processes and the services (one folder each);
// and oclif.manifest.json, without which a new command would not be found.
// esbuild alone: types are checked by `npm run check`. Files are replaced one by one and only when they differ, so that
// whoever runs from dist/ meanwhile never finds it half empty.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const services = path.join(dist, 'services');
const stamp = path.join(dist, '.built');
process.chdir(root);

const common = { bundle: true, platform: 'node', format: 'esm', target: 'node26', logLevel: 'warning', write: false };
// Bundled CommonJS packages call require().
const banner = { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" };

// pg asks for the first and lives without it; the second reads a .wasm file that lies beside it.
const EXTERNAL = ['pg-native', '@platformatic/wasm-utils'];

const PROCESSES = {
  broker: 'cli/broker/main.ts',
  sidecar: 'cli/sidecar/main.ts',
  supervisor: 'cli/targets/local/supervisor/main.ts',
  gateway: 'cli/targets/local/gateway/main.ts',
};

// A file saved while this runs is newer than the stamp, and the next run sees it.
const begun = new Date();
const builds = await Promise.all([
  build({
    ...common,
    entryPoints: [...filesUnder('cli/commands').filter((file) => file.endsWith('.ts')), 'cli/help-class.ts'],
    outbase: 'cli',
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
  }),
  // One small file: what it loads is what `--version`, help and `explain` wait for.
  build({ ...common, entryPoints: ['cli/fast-path.ts'], outdir: 'dist', minifySyntax: true }),
  // Split, so that what a process loads lazily (pg, TLS, codecs) is not part of its start.
  build({ ...common, entryPoints: PROCESSES, outdir: 'dist/processes', splitting: true, chunkNames: 'chunks/[name]-[hash]', banner, external: EXTERNAL }),
]);
const files = builds.flatMap(({ outputFiles }) => outputFiles);
for (const file of files) replace(file.path, file.contents);
removeOthers(new Set(files.map((file) => file.path)));

const { bundleService } = await import('../cli/images/bundle.ts');
const names = readdirSync('services').filter((name) => existsSync(`services/${name}/main.ts`));
await Promise.all(names.map((name) => bundleService({ root, name, outDir: path.join(services, name) })));
for (const name of readdirSync(services)) if (!names.includes(name)) rmSync(path.join(services, name), { recursive: true });
const { manifestOf } = await import('./docs/manifest.ts');
replace(path.join(root, 'oclif.manifest.json'), Buffer.from(JSON.stringify(await manifestOf(root), null, 2)));
writeFileSync(stamp, '');
utimesSync(stamp, begun, begun);

function replace(file, contents) {
  if (existsSync(file) && readFileSync(file).equals(contents)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, contents);
  renameSync(`${file}.${process.pid}`, file);
}

/** What an earlier build made and this one did not. */
function removeOthers(kept) {
  for (const file of filesUnder(dist)) if (!kept.has(file) && file !== stamp && !file.startsWith(services + path.sep)) rmSync(file);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
