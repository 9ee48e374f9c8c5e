// What `npm run demo` and `npm test` need on a fresh clone, on any Node from 20: packages and dist/. Does nothing when both are fresh.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

/** What dist/ is made from. */
const SOURCES = ['cli', 'services', 'bin/build.js', 'package-lock.json'];

if (!isNewer(at('node_modules/.package-lock.json'), [at('package-lock.json')])) {
  console.error('Installing packages (npm ci) …');
  // Packages want the Node that comes with them, whatever runs npm: its warnings about that say nothing.
  run(...npm('ci', '--loglevel=error'));
}
if (!isNewer(at('dist/.built'), SOURCES.map((source) => at(source)))) {
  console.error('Building dist/ …');
  run(at('node_modules/node/bin/node'), [at('bin/build.js')]);
}

/** npm as it called this script, or the one on PATH. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script ? [process.execPath, [script, ...args]] : ['npm', args];
}

function run(command, args) {
  // npm's stdout is talk here: the data of `npm run demo -- --json` must stay alone on stdout.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** True when `made` exists and no file of `sources` has changed since. */
function isNewer(made, sources) {
  if (!existsSync(made)) return false;
  const { mtimeMs } = statSync(made);
  return sources.flatMap(filesOf).every((file) => statSync(file).mtimeMs <= mtimeMs);
}

function filesOf(source) {
  if (!statSync(source).isDirectory()) return [source];
  // Folders count as well: a removed file changes its folder only.
  return [source, ...readdirSync(source, { withFileTypes: true }).flatMap((entry) => filesOf(path.join(source, entry.name)))];
}
