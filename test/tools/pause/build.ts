import { goBuild } from '../go-build.ts';

/** What holds a pod together. The images that others use for it are not in the package registries. */
export function getPause(): { binary: string } | { skipped: string } {
  const built = goBuild({ folder: import.meta.dirname, title: 'pause', programs: { pause: '.' }, env: { CGO_ENABLED: '0' } });
  return 'skipped' in built ? built : { binary: built.pause };
}
