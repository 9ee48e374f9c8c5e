// Builds the real helm into .cache/helm/helm, for `npm run test:real` and `npm run bench`. Needs Go; the first build takes minutes.
// Helm's Go module is on the module proxy, so it is built from source, pinned by go.sum.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const VERSION = '4.2.4';

const here = import.meta.dirname;
const cache = path.resolve(here, '../../../.cache/helm');
const binary = path.join(cache, 'helm');
const stamp = path.join(cache, 'helm.stamp');

/** The real Helm, and an environment for it in which it finds and leaves nothing of the user's. */
export interface Helm {
  binary: string;
  env: NodeJS.ProcessEnv;
}

function wanted(): string {
  const hash = createHash('sha256').update(VERSION);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

/** The real Helm, built unless it is there; or why this machine cannot have it. `say` hears what is being done. */
export function getHelm(say: (line: string) => void): Helm | { skipped: string } {
  const home = (name: string): string => path.join(cache, 'home', name);
  const env = { PATH: process.env['PATH'], HOME: home('user'), HELM_CONFIG_HOME: home('config'), HELM_CACHE_HOME: home('cache'), HELM_DATA_HOME: home('data'), KUBECONFIG: home('no-cluster') };
  const hash = wanted();
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return { binary, env };
  say(`Building helm ${VERSION} with Go (some minutes the first time) …`);
  mkdirSync(cache, { recursive: true });
  const started = Date.now();
  const unfinished = `${binary}.new`;
  const version = `-X helm.sh/helm/v4/internal/version.version=v${VERSION}`;
  const args = ['build', '-ldflags', `-s -w ${version}`, '-o', unfinished, 'helm.sh/helm/v4/cmd/helm'];
  // -mod=readonly: the committed go.mod and go.sum decide, and nothing is written beside them.
  const run = spawnSync('go', args, { cwd: here, stdio: ['ignore', 2, 2], env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false' } });
  if (run.error) return { skipped: `Go cannot be run (${run.error.message}); install Go 1.26 or newer` };
  if (run.status !== 0) return { skipped: `go build ended with ${run.status ?? run.signal ?? 'an error'}` };
  renameSync(unfinished, binary);
  writeFileSync(stamp, hash);
  say(`Built ${binary} in ${Math.round((Date.now() - started) / 1000)} s`);
  return { binary, env };
}

if (import.meta.main) {
  const got = getHelm(console.log);
  console.log('skipped' in got ? got.skipped : `helm ${VERSION}: ${got.binary}`);
  process.exitCode = 'skipped' in got ? 3 : 0;
}
