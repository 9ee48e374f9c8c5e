import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface GoTool {
  /** Folder with the go.mod and go.sum that decide what is built; its name is that of the folder below .cache. */
  folder: string;
  /** What is built, for a person: `daprd 1.18.2`. */
  title: string;
  /** Program → package that it is built from. */
  programs: Readonly<Record<string, string>>;
  tags?: string;
  ldflags?: string;
  /** Added to Go's environment: `{ CGO_ENABLED: '0' }` makes programs that need no C library, so that they run in an empty image. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Programs built from source into .cache, unless they are there; or why this machine cannot have them. Answers each program's
 * path. Binaries are not in the package registries, but Go modules are; go.sum pins every byte.
 */
export function goBuild<T extends GoTool>({ folder, title, programs, tags, ldflags = '', env }: T): Record<keyof T['programs'], string> | { skipped: string } {
  const cache = path.resolve(import.meta.dirname, '../../.cache', path.basename(folder));
  const stamp = path.join(cache, 'go.stamp');
  const built = Object.fromEntries(Object.keys(programs).map((name) => [name, path.join(cache, name)])) as Record<keyof T['programs'], string>;
  const hash = createHash('sha256').update(JSON.stringify([programs, tags, ldflags, ...(env ? [env] : [])]));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(folder, file)));
  const wanted = hash.digest('hex');
  const there = Object.values<string>(built).every((binary) => existsSync(binary));
  if (there && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return built;

  mkdirSync(cache, { recursive: true });
  process.stderr.write(`Building ${title} with Go (some minutes the first time) …\n`);
  const started = Date.now();
  for (const [name, source] of Object.entries(programs)) {
    // Two test runs may build at once.
    const unfinished = path.join(cache, `${name}.${process.pid}`);
    const args = ['build', ...(tags === undefined ? [] : ['-tags', tags]), '-ldflags', `-s -w ${ldflags}`, '-o', unfinished, source];
    // -mod=readonly: nothing is written beside the committed go.mod and go.sum.
    const run = spawnSync('go', args, { cwd: folder, stdio: ['ignore', 2, 2], env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', ...env } });
    if (run.error) return { skipped: `Go cannot be run (${run.error.message}); install Go 1.26 or newer` };
    if (run.status !== 0) return { skipped: `go build of ${name} ended with ${run.status ?? run.signal ?? 'an error'}` };
    renameSync(unfinished, path.join(cache, name));
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`Built ${title} in ${Math.round((Date.now() - started) / 1000)} s\n`);
  return built;
}

/** The folder of a Go module that a tool is built from, for the files that it carries beside its code. */
export function goModuleFolder(folder: string, module: string): string {
  return execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd: folder, encoding: 'utf8', env: { ...process.env, GOFLAGS: '-mod=readonly' } }).trim();
}
