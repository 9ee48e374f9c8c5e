import { deleteLoadBalancer, type ForwardingRule, type LoadBalancerRow, newLoadBalancer } from '../load-balancers.ts';
import type { ClusterRow } from '../clusters/row.ts';
import type { World } from '../world.ts';
import type { ApiServer, KubernetesObject } from './api.ts';

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const ID = 'kubernetes.digitalocean.com/load-balancer-id';
const NAME = 'service.beta.kubernetes.io/do-loadbalancer-name';

/** As DigitalOcean's cloud controller: a load balancer for each Service of type LoadBalancer, and none any more when that goes. */
export async function reconcileServices(world: World, cluster: ClusterRow, api: ApiServer, address?: string): Promise<void> {
  for (const service of await api.list('/api/v1/services')) {
    const { metadata, spec = {}, status = {} } = service;
    const path = `/api/v1/namespaces/${metadata.namespace ?? ''}/services/${metadata.name}`;
    const held = metadata.finalizers?.includes(FINALIZER) ?? false;
    const balancer = balancerOf(world, service);
    if (metadata.deletionTimestamp !== undefined || spec['type'] !== 'LoadBalancer') {
      if (!held) continue;
      if (balancer) deleteLoadBalancer(world, balancer);
      else await api.patch(path, { metadata: { finalizers: (metadata.finalizers ?? []).filter((one) => one !== FINALIZER) } });
      continue;
    }
    if (!held) {
      await api.patch(path, { metadata: { finalizers: [...(metadata.finalizers ?? []), FINALIZER] } });
      continue;
    }
    const there = balancer ?? newLoadBalancer(world, { name: nameOf(service), region: cluster.region, vpc: cluster.vpc, rules: rulesOf(spec), tags: [`k8s:${cluster.id}`], ip: address });
    if (metadata.annotations?.[ID] !== there.id) await api.patch(path, { metadata: { annotations: { [ID]: there.id } } });
    const shown = (status['loadBalancer'] as { ingress?: { ip?: string }[] } | undefined)?.ingress?.[0]?.ip;
    if (there.status === 'active' && shown !== there.ip) await api.patch(`${path}/status`, { status: { loadBalancer: { ingress: [{ ip: there.ip, ipMode: 'VIP' }] } } });
  }
}

/** By what the Service says of it, else by its name. */
function balancerOf({ state }: World, service: KubernetesObject): LoadBalancerRow | undefined {
  const id = service.metadata.annotations?.[ID];
  const name = nameOf(service);
  return [...state.loadBalancers.values()].find((one) => one.id === id || one.name === name);
}

/** Kubernetes' own default: the letter a and the UID, cut to 32. */
function nameOf({ metadata: { uid, annotations } }: KubernetesObject): string {
  return annotations?.[NAME] ?? `a${uid.replaceAll('-', '')}`.slice(0, 32);
}

function rulesOf(spec: Record<string, unknown>): ForwardingRule[] {
  const ports = (spec['ports'] ?? []) as { port: number; nodePort?: number; protocol?: string }[];
  return ports.map(({ port, nodePort = port, protocol = 'TCP' }) => {
    const way = protocol === 'UDP' ? 'udp' : 'tcp';
    return { entry_protocol: way, entry_port: port, target_protocol: way, target_port: nodePort };
  });
}
