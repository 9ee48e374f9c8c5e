import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { found, invalid, Refusal } from './refusal.ts';
import { knownRegion, regionView } from './regions.ts';
import { accepted, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import { defaultVpc, linger } from './vpcs.ts';
import type { World } from './world.ts';

export interface LoadBalancerRow {
  id: string;
  name: string;
  region: string;
  vpc: string;
  ip: string;
  status: 'new' | 'active' | 'errored';
  size_unit: number;
  /** Not in the documentation, but sent and given back: the cluster's controller marks its own with them. */
  tags: string[];
  rules: ForwardingRule[];
  created: number;
  /** It was asked to go, and is still listed. */
  leaving?: true;
}

const rule = z.strictObject({
  entry_protocol: z.enum(['http', 'https', 'http2', 'http3', 'tcp', 'udp']), entry_port: z.int(), target_protocol: z.enum(['http', 'https', 'http2', 'tcp', 'udp']), target_port: z.int(),
  certificate_id: z.string().optional(), tls_passthrough: z.boolean().optional(),
});
export type ForwardingRule = z.output<typeof rule>;

const P = '/v2/load_balancers';
const body = z.strictObject({ name: z.string(), region: z.string(), forwarding_rules: z.array(rule).min(1), vpc_uuid: z.uuid().optional(), type: z.enum(['REGIONAL', 'REGIONAL_NETWORK']).optional(), size_unit: z.int().min(1).max(200).optional(), tag: z.string().optional(), tags: z.array(z.string()).optional() });

export const loadBalancerRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['load_balancer:read'], query: PAGE }, (call) => page(call, 'load_balancers', [...call.world.state.loadBalancers.values()].map((one) => view(one, call.world)))),
  route('POST', P, { scopes: ['load_balancer:create'], body }, ({ world, body: given }) => {
    knownRegion(given.region);
    if ([...world.state.loadBalancers.values()].some(({ name }) => name === given.name)) throw invalid('a load balancer with this name already exists');
    return accepted({ load_balancer: view(newLoadBalancer(world, { ...given, vpc: given.vpc_uuid ?? defaultVpc(world, given.region).id, rules: given.forwarding_rules }), world) });
  }),
  route('GET', `${P}/{lb_id}`, { scopes: ['load_balancer:read'] }, ({ world, params }) => ok({ load_balancer: view(found(world.state.loadBalancers.get(params['lb_id'] ?? '')), world) })),
  route('DELETE', `${P}/{lb_id}`, { scopes: ['load_balancer:delete'] }, ({ world, params }) => {
    const one = found(world.state.loadBalancers.get(params['lb_id'] ?? ''));
    // It cannot be deleted while it is made.
    if (one.status === 'new') throw new Refusal(403, 'Load Balancer can not be deleted while pending creation');
    deleteLoadBalancer(world, one);
    return noContent;
  }),
];

/** Makes one that is active and has its address after a while. */
export function newLoadBalancer(world: World, given: { name: string; region: string; vpc: string; rules: ForwardingRule[]; tags?: string[] | undefined; size_unit?: number | undefined; ip?: string | undefined }): LoadBalancerRow {
  const { state, clock, durations } = world;
  const row: LoadBalancerRow = {
    id: randomUUID(), name: given.name, region: given.region, vpc: given.vpc, ip: '', status: 'new', size_unit: given.size_unit ?? 1, tags: given.tags ?? [], rules: given.rules, created: clock.now(),
  };
  state.loadBalancers.set(row.id, row);
  const address = given.ip ?? `198.51.100.${1 + (state.loadBalancers.size % 254)}`;
  clock.after(durations.loadBalancer, () => Object.assign(row, { status: 'active', ip: address }));
  return row;
}

/** Is listed until it is gone, and counted as a member of its VPC for longer. */
export function deleteLoadBalancer(world: World, row: LoadBalancerRow): void {
  if (row.leaving) return;
  row.leaving = true;
  world.clock.after(world.durations.loadBalancerGone, () => {
    if (!world.state.loadBalancers.delete(row.id)) return;
    linger(world, row.vpc, `do:loadbalancer:${row.id}`, row.name);
  });
}

function view({ region, vpc, rules, created, leaving: _, ...row }: LoadBalancerRow, { clock }: World): Record<string, unknown> {
  return { ...row, type: 'REGIONAL_NETWORK', algorithm: 'round_robin', network: 'EXTERNAL', region: regionView(region), vpc_uuid: vpc, forwarding_rules: rules, droplet_ids: [], tag: '', created_at: clock.iso(created) };
}
