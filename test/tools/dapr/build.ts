// Builds the real daprd into .cache/dapr/daprd, for `npm run test:real`. Needs Go; the first build takes some minutes on two cores.
// Dapr publishes its binaries on GitHub only, but its Go module is on the module proxy: so it is built from source, pinned by go.sum.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const VERSION = '1.18.2';
/** Dapr's own default flavour. Without a tag daprd has no components and panics; `stablecomponents` lacks SQLite name resolution. */
const TAGS = 'allcomponents';

const here = import.meta.dirname;
const cache = path.resolve(here, '../../../.cache/dapr');
const binary = path.join(cache, 'daprd');
const stamp = path.join(cache, 'daprd.stamp');

/** The real daprd, when it has been built: what the tests ask. */
export function daprdBinary(): string | undefined {
  return existsSync(binary) ? binary : undefined;
}

function wanted(): string {
  const hash = createHash('sha256').update(`${VERSION} ${TAGS}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

function build(): number {
  const hash = wanted();
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    console.log(`daprd ${VERSION} is there: ${binary}`);
    return 0;
  }
  console.log(`Building daprd ${VERSION} with Go (some minutes the first time) …`);
  mkdirSync(cache, { recursive: true });
  const started = Date.now();
  const unfinished = `${binary}.new`;
  const version = `-X github.com/dapr/dapr/pkg/buildinfo.version=${VERSION}`;
  const args = ['build', '-tags', TAGS, '-ldflags', `-s -w ${version}`, '-o', unfinished, 'github.com/dapr/dapr/cmd/daprd'];
  // -mod=readonly: the committed go.mod and go.sum decide, and nothing is written beside them.
  const run = spawnSync('go', args, { cwd: here, stdio: 'inherit', env: { ...process.env, GOFLAGS: '-mod=readonly' } });
  if (run.error) {
    console.error(`Go cannot be run (${run.error.message}). Install Go 1.26 or newer.`);
    return 3;
  }
  if (run.status !== 0) return run.status ?? 1;
  renameSync(unfinished, binary);
  writeFileSync(stamp, hash);
  console.log(`Built ${binary} in ${Math.round((Date.now() - started) / 1000)} s`);
  return 0;
}

if (import.meta.main) process.exitCode = build();
