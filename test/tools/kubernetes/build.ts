// Builds kube-apiserver and kubectl into .cache/kubernetes, for `npm run test:real`. Needs Go; the first build takes minutes on two cores.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const VERSION = '1.36.3';
const PROGRAMS = ['kube-apiserver', 'kubectl'] as const;

const here = import.meta.dirname;
const cache = path.resolve(here, '../../../.cache/kubernetes');
const stamp = path.join(cache, 'stamp');

export interface Built {
  apiServer: string;
  kubectl: string;
}

function wanted(): string {
  const hash = createHash('sha256').update(VERSION);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

/** A real API server and kubectl, built unless they are there; or why this machine cannot have them. `say` hears what is being done. */
export function getKubernetes(say: (line: string) => void): Built | { skipped: string } {
  const hash = wanted();
  const [apiServer, kubectl] = PROGRAMS.map((name) => path.join(cache, name)) as [string, string];
  if (existsSync(apiServer) && existsSync(kubectl) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return { apiServer, kubectl };
  mkdirSync(cache, { recursive: true });
  // Without its version an API server calls itself v0.0.0, which kubectl cannot parse.
  const version = 'k8s.io/component-base/version';
  const [major, minor] = VERSION.split('.');
  const flags = `-s -w -X ${version}.gitVersion=v${VERSION} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  for (const program of PROGRAMS) {
    say(`Building ${program} ${VERSION} with Go (some minutes the first time) …`);
    const unfinished = path.join(cache, `${program}.new`);
    // -mod=readonly: the committed go.mod and go.sum decide, and nothing is written beside them.
    const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false' };
    const run = spawnSync('go', ['build', '-ldflags', flags, '-o', unfinished, `k8s.io/kubernetes/cmd/${program}`], { cwd: here, stdio: ['ignore', 2, 2], env });
    if (run.error) return { skipped: `Go cannot be run (${run.error.message}); install Go 1.26 or newer` };
    if (run.status !== 0) return { skipped: `go build ended with ${run.status ?? run.signal ?? 'an error'}` };
    renameSync(unfinished, path.join(cache, program));
  }
  writeFileSync(stamp, hash);
  return { apiServer, kubectl };
}

if (import.meta.main) {
  const got = getKubernetes(console.log);
  console.log('skipped' in got ? got.skipped : `Kubernetes ${VERSION}: ${path.dirname(got.apiServer)}`);
  process.exitCode = 'skipped' in got ? 3 : 0;
}
