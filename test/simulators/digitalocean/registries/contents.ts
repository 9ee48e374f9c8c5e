import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { found, Refusal } from '../refusal.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { registryOf } from './routes.ts';
import { collectionView, type ManifestRow, type RegistryRow } from './row.ts';

const TYPES = z.enum(['untagged manifests only', 'unreferenced blobs only', 'untagged manifests and unreferenced blobs']);
/** What users see besides the states of the document. */
const STAGES = ['requested', 'waiting for write JWTs to expire', 'scanning manifests', 'deleting unreferenced blobs', 'succeeded'] as const;
const OVER = new Set(['succeeded', 'failed', 'cancelled']);

/** Repositories, tags and manifests, and the garbage collection, of both families of routes. */
export const registryContentRoutes: readonly Route[] = ['/v2/registries/{registry_name}', '/v2/registry/{registry_name}'].flatMap((family) => {
  const repository = `${family}/repositories/{repository_name}`;
  const collection = `${family}/garbage-collection`;
  return [
    route('GET', `${family}/repositoriesV2`, { scopes: ['registry:read'], query: ['page_token', ...PAGE] }, (call) => {
      const registry = registryOf(call.world, call.params);
      return page(call, 'repositories', [...registry.repositories].map(([name, manifests]) => repositoryView(registry, name, manifests, call.world)));
    }),
    ...(family.startsWith('/v2/registries/')
      ? [route('DELETE', repository, { scopes: ['registry:delete'] }, ({ world, params }) => {
          repositoryOf(world, params);
          registryOf(world, params).repositories.delete(params['repository_name'] ?? '');
          return noContent;
        })]
      : []),
    route('GET', `${repository}/tags`, { scopes: ['registry:read'], query: PAGE }, (call) => {
      const { world, params } = call;
      const tags = repositoryOf(world, params).flatMap((manifest) => manifest.tags.map((tag) => ({ ...place(params), tag, manifest_digest: manifest.digest, ...sizes(manifest, world) })));
      return page(call, 'tags', tags);
    }),
    route('DELETE', `${repository}/tags/{repository_tag}`, { scopes: ['registry:delete'] }, ({ world, params }) => {
      const tag = params['repository_tag'] ?? '';
      const manifest = found(repositoryOf(world, params).find(({ tags }) => tags.includes(tag)));
      manifest.tags = manifest.tags.filter((one) => one !== tag);
      return noContent;
    }),
    route('GET', `${repository}/digests`, { scopes: ['registry:read'], query: PAGE }, (call) =>
      page(call, 'manifests', repositoryOf(call.world, call.params).map((manifest) => manifestView(manifest, call.params, call.world)))),
    route('DELETE', `${repository}/digests/{manifest_digest}`, { scopes: ['registry:delete'] }, ({ world, params }) => {
      const manifests = repositoryOf(world, params);
      manifests.splice(manifests.indexOf(found(manifests.find(({ digest }) => digest === params['manifest_digest']))), 1);
      return noContent;
    }),
    route('POST', collection, { scopes: ['registry:update'], body: z.strictObject({ type: TYPES.optional() }).nullish(), undocumented: 'its body, in the newer family' }, ({ world, params }) => {
      const registry = registryOf(world, params);
      if (registry.collections.some(({ status }) => !OVER.has(status))) throw new Refusal(409, 'a garbage collection is already active');
      return created({ garbage_collection: collectionView(collect(world, registry), registry.name, world) });
    }),
    route('GET', collection, { scopes: ['registry:read'] }, ({ world, params }) => {
      const registry = registryOf(world, params);
      return ok({ garbage_collection: collectionView(found(registry.collections.find(({ status }) => !OVER.has(status))), registry.name, world) });
    }),
    route('GET', `${family}/garbage-collections`, { scopes: ['registry:read'], query: PAGE }, (call) => {
      const registry = registryOf(call.world, call.params);
      return page(call, 'garbage_collections', registry.collections.map((one) => collectionView(one, registry.name, call.world)));
    }),
    route('PUT', `${collection}/{garbage_collection_uuid}`, { scopes: ['registry:update'], body: z.strictObject({ cancel: z.boolean() }) }, ({ world, params }) => {
      const registry = registryOf(world, params);
      const active = found(registry.collections.find(({ uuid, status }) => uuid === params['garbage_collection_uuid'] && !OVER.has(status)));
      Object.assign(active, { status: 'cancelled', updated: world.clock.now() });
      return ok({ garbage_collection: collectionView(active, registry.name, world) });
    }),
  ];
});

/** One collection, stage by stage; the manifests without a tag go at its end. */
function collect(world: World, registry: RegistryRow): RegistryRow['collections'][number] {
  const { clock, durations } = world;
  const row = { uuid: randomUUID(), status: 'requested', blobs_deleted: 0, freed_bytes: 0, created: clock.now(), updated: clock.now() };
  registry.collections.unshift(row);
  for (const [index, status] of STAGES.entries()) {
    clock.after((durations.garbageCollection * index) / (STAGES.length - 1), () => {
      if (OVER.has(row.status)) return;
      Object.assign(row, { status, updated: clock.now() });
      if (status !== 'succeeded') return;
      for (const [name, manifests] of registry.repositories) {
        const untagged = manifests.filter(({ tags }) => tags.length === 0);
        row.blobs_deleted += untagged.length;
        row.freed_bytes += untagged.reduce((sum, { size }) => sum + size, 0);
        registry.repositories.set(name, manifests.filter(({ tags }) => tags.length > 0));
      }
    });
  }
  return row;
}

function repositoryOf(world: World, params: Readonly<Record<string, string>>): ManifestRow[] {
  return found(registryOf(world, params).repositories.get(params['repository_name'] ?? ''));
}

function place(params: Readonly<Record<string, string>>): Record<string, unknown> {
  return { registry_name: params['registry_name'], repository: params['repository_name'] };
}

function sizes({ size, updated }: ManifestRow, { clock }: World): Record<string, unknown> {
  return { compressed_size_bytes: size, size_bytes: size * 2, updated_at: clock.iso(updated) };
}

function manifestView(manifest: ManifestRow, params: Readonly<Record<string, string>>, world: World): Record<string, unknown> {
  return { ...place(params), digest: manifest.digest, tags: manifest.tags, blobs: [{ digest: manifest.digest, compressed_size_bytes: manifest.size }], ...sizes(manifest, world) };
}

function repositoryView(registry: RegistryRow, name: string, manifests: readonly ManifestRow[], world: World): Record<string, unknown> {
  const latest = manifests.toSorted((a, b) => b.updated - a.updated)[0];
  return {
    registry_name: registry.name, name, tag_count: manifests.flatMap(({ tags }) => tags).length, manifest_count: manifests.length,
    ...(latest === undefined ? {} : { latest_manifest: manifestView(latest, { registry_name: registry.name, repository_name: name }, world) }),
  };
}
