import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { found, invalid, Refusal } from './refusal.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import type { World } from './world.ts';

export interface ProjectRow {
  id: string;
  name: string;
  description: string;
  purpose: string;
  environment: 'Development' | 'Staging' | 'Production';
  is_default: boolean;
  /** URNs of what was put into it. */
  resources: Set<string>;
  created: number;
}

const P = '/v2/projects';
const URN = /^do:(dbaas|domain|droplet|floatingip|loadbalancer|space|volume|kubernetes|vpc):.+$/;
const BODY = z.strictObject({ name: z.string().max(175), purpose: z.string().max(255), description: z.string().max(255).optional(), environment: z.enum(['Development', 'Staging', 'Production']).optional() });

export const projectRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['project:read'], query: PAGE }, (call) => page(call, 'projects', [...call.world.state.projects.values()].map((one) => view(one, call.world)))),
  route('POST', P, { scopes: ['project:create'], body: BODY }, ({ world, body }) => {
    if ([...world.state.projects.values()].some(({ name }) => name === body.name)) throw invalid('name is already in use');
    return created({ project: view(newProject(world, body), world) });
  }),
  route('GET', `${P}/default`, { scopes: ['project:read'] }, ({ world }) => ok({ project: view(found([...world.state.projects.values()].find(({ is_default }) => is_default)), world) })),
  route('GET', `${P}/{project_id}`, { scopes: ['project:read'] }, ({ world, params }) => ok({ project: view(projectOf(world, params), world) })),
  route('DELETE', `${P}/{project_id}`, { scopes: ['project:delete'] }, ({ world, params }) => {
    const project = projectOf(world, params);
    if (project.is_default) throw new Refusal(403, 'the default project cannot be deleted');
    if ([...project.resources].some((urn) => isThere(world, urn))) throw new Refusal(412, 'cannot delete a project with resources');
    world.state.projects.delete(project.id);
    return noContent;
  }),
  route('GET', `${P}/{project_id}/resources`, { scopes: ['project:read'], query: PAGE }, (call) => {
    const there = [...projectOf(call.world, call.params).resources].filter((urn) => isThere(call.world, urn));
    return page(call, 'resources', there.map((urn) => resource(urn, 'ok', call.world)));
  }),
  route('POST', `${P}/{project_id}/resources`, { scopes: ['project:assign_resource'], body: z.strictObject({ resources: z.array(z.string().regex(URN)) }) }, ({ world, params, body }) => {
    const project = projectOf(world, params);
    // 200 for all, and what became of each stands beside it.
    return ok({
      resources: body.resources.map((urn) => {
        if (!isThere(world, urn)) return resource(urn, 'not_found', world);
        const status = project.resources.has(urn) ? 'already_assigned' : 'assigned';
        for (const other of world.state.projects.values()) other.resources.delete(urn);
        project.resources.add(urn);
        return resource(urn, status, world);
      }),
    });
  }),
];

export function newProject(world: World, given: { name: string; purpose: string; description?: string | undefined; environment?: ProjectRow['environment'] | undefined; is_default?: boolean }): ProjectRow {
  const { name, purpose, description = '', environment = 'Development', is_default = false } = given;
  const row: ProjectRow = { id: randomUUID(), name, purpose, description, environment, is_default, resources: new Set(), created: world.clock.now() };
  world.state.projects.set(row.id, row);
  return row;
}

function isThere({ state }: World, urn: string): boolean {
  const [, kind = '', id = ''] = urn.split(':');
  const kinds: Record<string, ReadonlyMap<string, unknown>> = { kubernetes: state.clusters, dbaas: state.databases, loadbalancer: state.loadBalancers, volume: state.volumes, vpc: state.vpcs };
  return kinds[kind]?.has(id) ?? false;
}

function resource(urn: string, status: string, { clock }: World): Record<string, unknown> {
  return { urn, status, assigned_at: clock.iso(), links: { self: `https://api.digitalocean.com/v2/${urn.split(':')[1] ?? ''}/${urn.split(':')[2] ?? ''}` } };
}

function projectOf({ state }: World, params: Readonly<Record<string, string>>): ProjectRow {
  return found(state.projects.get(params['project_id'] ?? ''));
}

function view({ resources: _, created: at, ...row }: ProjectRow, { clock, state }: World): Record<string, unknown> {
  return { ...row, owner_uuid: state.account.team.uuid, owner_id: 258_992, created_at: clock.iso(at), updated_at: clock.iso(at) };
}
