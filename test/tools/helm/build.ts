import path from 'node:path';
import { goBuild } from '../go-build.ts';

const VERSION = '4.2.4';

/** The real Helm, and an environment for it in which it finds and leaves nothing of the user's. */
export interface Helm {
  binary: string;
  env: NodeJS.ProcessEnv;
}

export function getHelm(): Helm | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname,
    title: `helm ${VERSION}`,
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
    ldflags: `-X helm.sh/helm/v4/internal/version.version=v${VERSION}`,
  });
  if ('skipped' in built) return built;
  const home = (name: string): string => path.join(path.dirname(built.helm), 'home', name);
  const env = { PATH: process.env['PATH'], HOME: home('user'), HELM_CONFIG_HOME: home('config'), HELM_CACHE_HOME: home('cache'), HELM_DATA_HOME: home('data'), KUBECONFIG: home('no-cluster') };
  return { binary: built.helm, env };
}
