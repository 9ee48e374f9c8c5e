import { goBuild } from '../go-build.ts';

const VERSION = '0.9.0';

/** metrics-server, which needs no C library and so runs in an image that holds nothing else. */
export function getMetricsServer(): { binary: string; version: string } | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname, title: `metrics-server ${VERSION}`,
    programs: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' }, env: { CGO_ENABLED: '0' },
  });
  return 'skipped' in built ? built : { binary: built['metrics-server'], version: VERSION };
}
