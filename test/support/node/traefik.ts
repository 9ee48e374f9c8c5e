import { readdirSync } from 'node:fs';
import path from 'node:path';
import { getTraefik } from '../../tools/traefik/build.ts';
import { until } from '../until.ts';
import type { Node } from './node.ts';

export interface FrontDoor {
  /** Name of the GatewayClass. */
  gatewayClass: string;
  /** Where its Gateways listen, and what their status says unless told otherwise. A listener has port 80, 443 or 8000. */
  address: string;
}

export interface FrontDoorGiven {
  gatewayClass?: string;
  /** Of the load balancer before the node, for the Gateways' status. */
  balancer?: string;
}

/** A real Gateway: the CRDs of the Gateway API, a GatewayClass, and Traefik, which serves whatever Gateways there are. */
export async function startTraefik({ ground, kubectl, apply, kubeconfig }: Node, { gatewayClass = 'traefik', balancer = ground.address }: FrontDoorGiven = {}): Promise<FrontDoor | { skipped: string }> {
  const traefik = getTraefik();
  if ('skipped' in traefik) return traefik;
  const files = readdirSync(traefik.crds).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  await kubectl(['apply', '--server-side', ...files.flatMap((name) => ['-f', path.join(traefik.crds, name)])]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', 'gatewayclasses.gateway.networking.k8s.io', 'httproutes.gateway.networking.k8s.io']);
  await apply([{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: gatewayClass }, spec: { controllerName: 'traefik.io/gateway-controller' } }]);
  ground.launch('traefik', traefik.binary, [
    '--providers.kubernetesgateway=true', `--providers.kubernetesgateway.statusaddress.ip=${balancer}`, '--global.checknewversion=false', '--global.sendanonymoususage=false',
    // A listener's port must be that of an entry point.
    '--entrypoints.web.address=:80', '--entrypoints.websecure.address=:443', '--entrypoints.other.address=:8000',
  ], { env: { KUBECONFIG: kubeconfig } });
  await until('Traefik takes its class', async () => (await kubectl(['get', 'gatewayclass', gatewayClass, '-o', 'jsonpath={.status.conditions[?(@.type=="Accepted")].status}'])) === 'True', 60_000);
  return { gatewayClass, address: ground.address };
}
