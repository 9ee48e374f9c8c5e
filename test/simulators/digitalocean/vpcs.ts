import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { overlapping } from './cidr.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import { found, invalid, Refusal } from './refusal.ts';
import { knownRegion } from './regions.ts';
import type { World } from './world.ts';

export interface VpcRow {
  id: string;
  name: string;
  description: string;
  region: string;
  ip_range: string;
  /** The first of a region, which cannot be deleted. */
  default: boolean;
  created: number;
}

export interface Member {
  urn: string;
  name: string;
  created_at: string;
}

const P = '/v2/vpcs';
const NAME = /^[a-zA-Z0-9\-.]+$/;

export const vpcRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['vpc:read'], query: PAGE }, (call) => page(call, 'vpcs', [...call.world.state.vpcs.values()].map((vpc) => view(vpc, call.world)))),
  route('POST', P, { scopes: ['vpc:create'], body: z.strictObject({ name: z.string(), region: z.string(), ip_range: z.string().optional(), description: z.string().max(255).optional() }) }, ({ world, body }) => {
    checkName(world, body.name);
    knownRegion(body.region);
    const taken = overlapping(body.ip_range, world);
    if (taken !== undefined) throw invalid(`This range/size overlaps with another VPC network in your account: ${taken}`);
    const vpc = newVpc(world, { ...body, description: body.description ?? '', ip_range: body.ip_range ?? freeRange(world) });
    return created({ vpc: view(vpc, world) });
  }),
  route('GET', `${P}/{vpc_id}`, { scopes: ['vpc:read'] }, ({ world, params }) => ok({ vpc: view(vpcOf(world, params), world) })),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    route(method, `${P}/{vpc_id}`, { scopes: ['vpc:update'], body: z.strictObject({ name: z.string().optional(), description: z.string().max(255).optional(), default: z.boolean().optional() }) }, ({ world, params, body }) => {
      const vpc = vpcOf(world, params);
      if (body.name !== undefined && body.name !== vpc.name) checkName(world, body.name);
      Object.assign(vpc, body);
      return ok({ vpc: view(vpc, world) });
    }),
  ),
  route('DELETE', `${P}/{vpc_id}`, { scopes: ['vpc:delete'] }, ({ world, params }) => {
    const vpc = vpcOf(world, params);
    if (vpc.default) throw new Refusal(403, 'Can not delete default VPCs');
    // The documentation says 403, what users saw was 409: here one follows the other, so that a client knows both.
    const blocked = membersOf(vpc, world).length;
    if (blocked > 0) throw new Refusal(blocked % 2 === 0 ? 403 : 409, 'Can not delete VPC with members');
    world.state.vpcs.delete(vpc.id);
    return noContent;
  }),
  route('GET', `${P}/{vpc_id}/members`, { scopes: ['vpc:read'], query: ['resource_type', ...PAGE] }, (call) => {
    const kind = call.query.get('resource_type');
    const members = membersOf(vpcOf(call.world, call.params), call.world);
    return page(call, 'members', kind === null ? members : members.filter(({ urn }) => urn.startsWith(`do:${kind}:`)));
  }),
];

/** What is in a VPC, and what was until a little while ago. */
export function membersOf(vpc: VpcRow, world: World): Member[] {
  const { state, clock } = world;
  const inIt = [...state.clusters.values()].filter((one) => one.vpc === vpc.id);
  return [
    ...inIt.map(({ id, name, created: at }) => ({ urn: `do:kubernetes:${id}`, name, created_at: clock.iso(at) })),
    ...inIt.flatMap(({ pools }) => pools.flatMap(({ nodes }) => nodes)).filter(({ droplet }) => droplet !== '').map(({ droplet, name, created: at }) => ({ urn: `do:droplet:${droplet}`, name, created_at: clock.iso(at) })),
    ...[...state.loadBalancers.values()].filter((one) => one.vpc === vpc.id).map(({ id, name, created: at }) => ({ urn: `do:loadbalancer:${id}`, name, created_at: clock.iso(at) })),
    ...[...state.databases.values()].filter((one) => one.vpc === vpc.id).map(({ id, name, created: at }) => ({ urn: `do:dbaas:${id}`, name, created_at: clock.iso(at) })),
    ...state.lingering.filter((one) => one.vpc === vpc.id && one.until > clock.now()).map(({ urn, name }) => ({ urn, name, created_at: clock.iso() })),
  ];
}

/** Counts what was just deleted as a member for a while longer, as the real API does. */
export function linger(world: World, vpc: string, urn: string, name: string): void {
  world.state.lingering.push({ vpc, urn, name, until: world.clock.now() + world.durations.member });
}

/** The VPC that things of a region are put into when they name none; the first one makes it. */
export function defaultVpc(world: World, region: string): VpcRow {
  return [...world.state.vpcs.values()].find((one) => one.region === region && one.default)
    ?? newVpc(world, { name: `default-${region}`, region, description: '', ip_range: freeRange(world), default: true });
}

export function newVpc(world: World, given: Pick<VpcRow, 'name' | 'region' | 'description' | 'ip_range'> & { default?: boolean }): VpcRow {
  const vpc: VpcRow = { id: randomUUID(), default: false, created: world.clock.now(), ...given };
  world.state.vpcs.set(vpc.id, vpc);
  return vpc;
}

function checkName({ state }: World, name: string): void {
  if (!NAME.test(name)) throw invalid('Name can only contain alphanumeric characters, dashes, and periods');
  if ([...state.vpcs.values()].some((one) => one.name === name)) throw invalid('a VPC with this name already exists in your account');
}

function freeRange({ state }: World): string {
  const used = new Set([...state.vpcs.values()].map(({ ip_range }) => ip_range));
  return Array.from({ length: 200 }, (_, index) => `10.${108 + index}.0.0/20`).find((range) => !used.has(range)) ?? '10.99.0.0/20';
}

function vpcOf({ state }: World, params: Readonly<Record<string, string>>): VpcRow {
  return found(state.vpcs.get(params['vpc_id'] ?? ''));
}

function view({ created: at, ...vpc }: VpcRow, { clock }: World): Record<string, unknown> {
  return { ...vpc, urn: `do:vpc:${vpc.id}`, created_at: clock.iso(at) };
}
