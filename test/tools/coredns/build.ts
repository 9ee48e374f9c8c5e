import { goBuild } from '../go-build.ts';

const VERSION = '1.12.4';

/** CoreDNS, which needs no C library and so runs in an image that holds nothing else. */
export function getCoreDns(): { binary: string } | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname, title: `CoreDNS ${VERSION}`,
    programs: { coredns: 'github.com/coredns/coredns' }, env: { CGO_ENABLED: '0' },
  });
  return 'skipped' in built ? built : { binary: built.coredns };
}
