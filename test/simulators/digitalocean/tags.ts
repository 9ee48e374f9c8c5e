import * as z from 'zod';
import { found, Refusal } from './refusal.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import type { World } from './world.ts';

const P = '/v2/tags';
const NAME = /^[a-zA-Z0-9_\-:]{1,255}$/;
// load_balancer is not in the documentation, and what the cluster's controller sends.
const RESOURCES = z.strictObject({ resources: z.array(z.strictObject({ resource_id: z.string(), resource_type: z.enum(['droplet', 'image', 'volume', 'volume_snapshot', 'database', 'load_balancer']) })) });

/** Tags that stand by themselves, and what bears them. Clusters get theirs only when they are made or changed. */
export const tagRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['tag:read'], query: PAGE }, (call) => page(call, 'tags', [...call.world.state.tags].map((name) => view(name, call.world)))),
  route('POST', P, { scopes: ['tag:create'], body: z.strictObject({ name: z.string() }) }, ({ world, body }) => {
    if (!NAME.test(body.name)) throw new Refusal(400, 'Tag name is invalid');
    world.state.tags.add(body.name);
    return created({ tag: view(body.name, world) });
  }),
  route('GET', `${P}/{tag_id}`, { scopes: ['tag:read'] }, ({ world, params }) => ok({ tag: view(tagOf(world, params), world) })),
  route('DELETE', `${P}/{tag_id}`, { scopes: ['tag:delete'] }, ({ world, params }) => {
    const tag = tagOf(world, params);
    world.state.tags.delete(tag);
    for (const tags of allTags(world)) tags.splice(0, tags.length, ...tags.filter((one) => one !== tag));
    return noContent;
  }),
  ...(['POST', 'DELETE'] as const).map((method) =>
    route(method, `${P}/{tag_id}/resources`, { scopes: [method === 'POST' ? 'tag:create' : 'tag:delete'], body: RESOURCES, undocumented: 'the resource type load_balancer' }, ({ world, params, body }) => {
      const tag = tagOf(world, params);
      for (const { resource_id: id, resource_type } of body.resources) {
        const { state } = world;
        const kinds: Record<string, ReadonlyMap<string, { tags: string[] }>> = { volume: state.volumes, volume_snapshot: state.snapshots, database: state.databases, load_balancer: state.loadBalancers };
        const row = found(kinds[resource_type]?.get(id));
        row.tags = method === 'POST' ? [...new Set([...row.tags, tag])] : row.tags.filter((one) => one !== tag);
      }
      return noContent;
    }),
  ),
];

function tagOf({ state }: World, params: Readonly<Record<string, string>>): string {
  return found([...state.tags].find((tag) => tag === params['tag_id']));
}

function allTags({ state }: World): string[][] {
  return [...state.volumes.values(), ...state.snapshots.values(), ...state.databases.values(), ...state.loadBalancers.values()].map(({ tags }) => tags);
}

function view(name: string, world: World): Record<string, unknown> {
  const { state } = world;
  const count = (rows: ReadonlyMap<string, { tags: string[] }>): { count: number } => ({ count: [...rows.values()].filter(({ tags }) => tags.includes(name)).length });
  const [volumes, volume_snapshots, databases] = [count(state.volumes), count(state.snapshots), count(state.databases)];
  return { name, resources: { count: volumes.count + volume_snapshots.count + databases.count, droplets: { count: 0 }, volumes, volume_snapshots, databases } };
}
