import type { Environment } from '../../../definition/platform.ts';
import { groupOf, type KubernetesObject } from '../../../kubernetes/object.ts';

/** What a person does about a kind that the cluster lacks and that no chart of the environment brings. */
export function missingKind({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>, provider: Environment['provider']): string {
  const group = groupOf(apiVersion);
  if (group !== 'gateway.networking.k8s.io') return `the cluster has no kind ${kind}: install what brings ${group || apiVersion}`;
  const bring = provider === 'digitalocean' ? 'DigitalOcean brings it to VPC-native clusters from Kubernetes 1.33 on: upgrade the cluster' : 'install the Gateway API (gateway-api.sigs.k8s.io)';
  return `the cluster has no kind ${kind}: ${bring}, or write gateway: {kind: ingress}`;
}
