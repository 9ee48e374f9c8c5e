import { goBuild } from '../go-build.ts';

const VERSION = '1.36.3';

export interface Kubernetes {
  apiServer: string;
  kubectl: string;
}

/** A real API server and kubectl; etcd, which the API server needs, is no part of it. */
export function getKubernetes(): Kubernetes | { skipped: string } {
  const version = 'k8s.io/component-base/version';
  const [major, minor] = VERSION.split('.');
  const built = goBuild({
    folder: import.meta.dirname,
    title: `Kubernetes ${VERSION}`,
    programs: { 'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver', kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    // Without its version an API server calls itself v0.0.0, which kubectl cannot parse.
    ldflags: `-X ${version}.gitVersion=v${VERSION} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`,
  });
  return 'skipped' in built ? built : { apiServer: built['kube-apiserver'], kubectl: built.kubectl };
}
