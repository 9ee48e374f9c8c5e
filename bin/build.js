// Builds dist/: the CLI (packages stay in node_modules), the long-running processes and the services (one file each).
// esbuild alone: types are checked by `npm run check`.
import { readdirSync, rmSync, existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);

const common = { bundle: true, platform: 'node', format: 'esm', target: 'node26', logLevel: 'warning' };
// Bundled CommonJS packages call require().
const banner = { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" };

const PROCESSES = {
  broker: 'cli/broker/main.ts',
  sidecar: 'cli/sidecar/main.ts',
  supervisor: 'cli/targets/local/supervisor/main.ts',
  gateway: 'cli/targets/local/gateway/main.ts',
};

function commandFiles() {
  const files = readdirSync('cli/commands', { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile() && file.name.endsWith('.ts')).map((file) => path.join(file.parentPath, file.name));
}

function services() {
  return readdirSync('services').filter((name) => existsSync(`services/${name}/main.ts`));
}

rmSync('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: [...commandFiles(), 'cli/help-class.ts'],
    outbase: 'cli',
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
  }),
  // One small file: what it loads is what `--version`, help and `explain` wait for.
  build({ ...common, entryPoints: ['cli/fast-path.ts'], outdir: 'dist', minifySyntax: true }),
  ...Object.entries(PROCESSES).filter(([, file]) => existsSync(file)).map(([name, file]) =>
    build({ ...common, entryPoints: { [name]: file }, outdir: 'dist/processes', banner, external: ['pg-native'] }),
  ),
]);
if (existsSync('cli/images/bundle.ts')) {
  const { bundleService } = await import('../cli/images/bundle.ts');
  await Promise.all(services().map((name) => bundleService({ root, name, outDir: path.join(root, 'dist/services', name) })));
}
