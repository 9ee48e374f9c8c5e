import { goBuild } from '../go-build.ts';

const VERSION = '1.36.3';

export interface Kubernetes {
  apiServer: string;
  kubectl: string;
  controllerManager: string;
  scheduler: string;
  kubelet: string;
  proxy: string;
}

/** Kubernetes' own programs; etcd, which the API server needs, is none of them. */
export function getKubernetes(): Kubernetes | { skipped: string } {
  const version = 'k8s.io/component-base/version';
  const [major, minor] = VERSION.split('.');
  const built = goBuild({
    folder: import.meta.dirname,
    title: `Kubernetes ${VERSION}`,
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    // Without its version an API server calls itself v0.0.0, which kubectl cannot parse.
    ldflags: `-X ${version}.gitVersion=v${VERSION} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`,
  });
  if ('skipped' in built) return built;
  return {
    apiServer: built['kube-apiserver'], kubectl: built.kubectl, controllerManager: built['kube-controller-manager'],
    scheduler: built['kube-scheduler'], kubelet: built.kubelet, proxy: built['kube-proxy'],
  };
}
