import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goBuild, goModuleFolder } from '../go-build.ts';

const VERSION = '1.18.2';
const MODULE = 'github.com/dapr/dapr';

/** What the control plane is made of, by the names that its images have. */
export const CONTROL_PLANE = ['operator', 'injector', 'sentry', 'placement', 'scheduler'] as const;

export interface DaprControlPlane {
  version: string;
  /** Program of each image, daprd's included. */
  programs: Readonly<Record<(typeof CONTROL_PLANE)[number] | 'daprd', string>>;
  /** Folder of the Helm chart, which names this version as the published chart does. */
  chart: string;
}

/** The real daprd. */
export function getDaprd(): { binary: string } | { skipped: string } {
  const built = build();
  return 'skipped' in built ? built : { binary: built.daprd };
}

/** Everything of Dapr that runs in a cluster. */
export function getDaprControlPlane(): DaprControlPlane | { skipped: string } {
  const built = build();
  if ('skipped' in built) return built;
  return { version: VERSION, programs: built, chart: chart(path.join(path.dirname(built.daprd), `chart-${VERSION}`)) };
}

function build(): DaprControlPlane['programs'] | { skipped: string } {
  return goBuild({
    folder: import.meta.dirname,
    title: `Dapr ${VERSION}`,
    programs: {
      daprd: `${MODULE}/cmd/daprd`, operator: `${MODULE}/cmd/operator`, injector: `${MODULE}/cmd/injector`, sentry: `${MODULE}/cmd/sentry`,
      placement: `${MODULE}/cmd/placement`, scheduler: `${MODULE}/cmd/scheduler`,
    },
    // Dapr's own default flavour. Without a tag daprd has no components and panics; `stablecomponents` lacks SQLite name resolution.
    tags: 'allcomponents',
    ldflags: `-X ${MODULE}/pkg/buildinfo.version=${VERSION}`,
    // They run in an image that holds nothing else.
    env: { CGO_ENABLED: '0' },
  });
}

/** The chart of the module; only the release process of Dapr writes a version into it. */
function chart(folder: string): string {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  // Files of a module are read-only; the copy is not.
  execFileSync('cp', ['-r', '--no-preserve=mode', path.join(goModuleFolder(import.meta.dirname, MODULE), 'charts/dapr'), unfinished]);
  change(path.join(unfinished, 'Chart.yaml'), /^(version|appVersion): '0\.0\.0'$/gm, `$1: '${VERSION}'`);
  change(path.join(unfinished, 'values.yaml'), /tag: 'edge'/, `tag: '${VERSION}'`);
  renameSync(unfinished, folder);
  return folder;
}

function change(file: string, from: RegExp, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}
