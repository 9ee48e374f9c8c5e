import type { ApiServer, KubernetesObject } from './api.ts';

interface Listener {
  name: string;
  port: number;
}

const GATEWAYS = '/apis/gateway.networking.k8s.io/v1';
const CLASS = 'cilium';

/** As the Cilium of DigitalOcean's clusters: a Service of type LoadBalancer for each Gateway of its class, whose address is the Gateway's. */
export async function reconcileGateways(api: ApiServer): Promise<void> {
  const gateways = (await api.list(`${GATEWAYS}/gateways`)).filter(({ metadata, spec }) => spec?.['gatewayClassName'] === CLASS && metadata.deletionTimestamp === undefined);
  if (gateways.length === 0) return;
  const services = await api.list('/api/v1/services');
  for (const gateway of gateways) {
    const { name, namespace = '', uid } = gateway.metadata;
    const service = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === `cilium-gateway-${name}`);
    if (!service) await api.create(`/api/v1/namespaces/${namespace}/services`, serviceOf(gateway));
    const address = (service?.status?.['loadBalancer'] as { ingress?: { ip?: string }[] } | undefined)?.ingress?.[0]?.ip;
    const shown = (gateway.status?.['addresses'] as { value: string }[] | undefined)?.[0]?.value;
    if (address !== undefined && shown !== address) await api.patch(`${GATEWAYS}/namespaces/${namespace}/gateways/${name}/status`, { status: statusOf(gateway, address, uid) });
  }
}

/** It belongs to the Gateway, so that the cluster's own controller removes it with that. */
function serviceOf({ metadata: { name, namespace, uid }, spec }: KubernetesObject): object {
  const ports = [...new Set(((spec?.['listeners'] ?? []) as Listener[]).map(({ port }) => port))];
  return {
    apiVersion: 'v1', kind: 'Service',
    metadata: {
      name: `cilium-gateway-${name}`, namespace, labels: { 'io.cilium.gateway/owning-gateway': name },
      ownerReferences: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid, controller: true }],
    },
    spec: { type: 'LoadBalancer', ports: ports.map((port) => ({ name: `port-${port}`, port })) },
  };
}

function statusOf({ metadata, spec }: KubernetesObject, address: string, uid: string): object {
  const { generation = 1 } = metadata as { generation?: number };
  const is = (type: string): object => ({ type, status: 'True', reason: type, message: `Gateway ${uid}`, observedGeneration: generation, lastTransitionTime: new Date().toISOString() });
  return {
    addresses: [{ type: 'IPAddress', value: address }],
    conditions: [is('Accepted'), is('Programmed')],
    listeners: ((spec?.['listeners'] ?? []) as Listener[]).map(({ name }) => ({ name, attachedRoutes: 1, supportedKinds: [], conditions: [is('Accepted'), is('Programmed'), is('ResolvedRefs')] })),
  };
}
