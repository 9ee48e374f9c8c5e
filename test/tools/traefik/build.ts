import path from 'node:path';
import { goBuild, goModuleFolder } from '../go-build.ts';

const VERSION = '3.5.4';

export interface Traefik {
  binary: string;
  /** Folder of the CRDs of the Gateway API that it was made for. */
  crds: string;
}

/** Traefik, which is a Gateway. */
export function getTraefik(): Traefik | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname, title: `Traefik ${VERSION}`,
    programs: { traefik: 'github.com/traefik/traefik/v3/cmd/traefik' }, env: { CGO_ENABLED: '0' },
  });
  if ('skipped' in built) return built;
  return { binary: built.traefik, crds: path.join(goModuleFolder(import.meta.dirname, 'sigs.k8s.io/gateway-api'), 'config/crd/standard') };
}
