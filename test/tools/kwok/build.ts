import { goBuild } from '../go-build.ts';

const VERSION = '0.8.0';

/** kwok: nodes and pods that run nothing but say that they do. */
export function getKwok(): { binary: string } | { skipped: string } {
  const built = goBuild({ folder: import.meta.dirname, title: `kwok ${VERSION}`, programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' } });
  return 'skipped' in built ? built : { binary: built.kwok };
}
