import { goBuild } from '../go-build.ts';

const VERSION = '1.18.2';

/** The real daprd. */
export function getDaprd(): { binary: string } | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname,
    title: `daprd ${VERSION}`,
    programs: { daprd: 'github.com/dapr/dapr/cmd/daprd' },
    // Dapr's own default flavour. Without a tag daprd has no components and panics; `stablecomponents` lacks SQLite name resolution.
    tags: 'allcomponents',
    ldflags: `-X github.com/dapr/dapr/pkg/buildinfo.version=${VERSION}`,
  });
  return 'skipped' in built ? built : { binary: built.daprd };
}
