// Builds the real daprd into .cache/dapr/daprd, for `npm run test:real`. Needs Go; the first build takes minutes on two cores.
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

function wanted(): string {
  const hash = createHash('sha256').update(`${VERSION} ${TAGS}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

/** The real daprd, built unless it is there; or why this machine cannot have it. `say` hears what is being done. */
export function getDaprd(say: (line: string) => void): { binary: string } | { skipped: string } {
  const hash = wanted();
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return { binary };
  say(`Building daprd ${VERSION} with Go (some minutes the first time) …`);
  mkdirSync(cache, { recursive: true });
  const started = Date.now();
  const unfinished = `${binary}.new`;
  const version = `-X github.com/dapr/dapr/pkg/buildinfo.version=${VERSION}`;
  const args = ['build', '-tags', TAGS, '-ldflags', `-s -w ${version}`, '-o', unfinished, 'github.com/dapr/dapr/cmd/daprd'];
  // -mod=readonly: the committed go.mod and go.sum decide, and nothing is written beside them.
  const run = spawnSync('go', args, { cwd: here, stdio: ['ignore', 2, 2], env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false' } });
  if (run.error) return { skipped: `Go cannot be run (${run.error.message}); install Go 1.26 or newer` };
  if (run.status !== 0) return { skipped: `go build ended with ${run.status ?? run.signal ?? 'an error'}` };
  renameSync(unfinished, binary);
  writeFileSync(stamp, hash);
  say(`Built ${binary} in ${Math.round((Date.now() - started) / 1000)} s`);
  return { binary };
}

if (import.meta.main) {
  const got = getDaprd(console.log);
  console.log('skipped' in got ? got.skipped : `daprd ${VERSION}: ${got.binary}`);
  process.exitCode = 'skipped' in got ? 3 : 0;
}
