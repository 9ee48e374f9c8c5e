import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { found, invalid, Refusal } from './refusal.ts';
import { knownRegion, regionView } from './regions.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import type { World } from './world.ts';

export interface VolumeRow {
  id: string;
  name: string;
  region: string;
  size_gigabytes: number;
  tags: string[];
  droplets: number[];
  created: number;
  /** It was asked to go, and is still listed. */
  leaving?: true;
}

export interface SnapshotRow {
  id: string;
  name: string;
  volume: string;
  region: string;
  size_gigabytes: number;
  tags: string[];
  created: number;
}

const P = '/v2/volumes';
const BODY = z.strictObject({ name: z.string(), region: z.string(), size_gigabytes: z.int(), description: z.string().optional(), tags: z.array(z.string()).optional() });

export const volumeRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['block_storage:read'], query: ['name', 'region', ...PAGE] }, (call) => {
    const [name, region] = [call.query.get('name'), call.query.get('region')];
    const rows = [...call.world.state.volumes.values()].filter((one) => (name === null || one.name === name) && (region === null || one.region === region));
    return page(call, 'volumes', rows.map((one) => volumeView(one, call.world)));
  }),
  route('POST', P, { scopes: ['block_storage:create'], body: BODY }, ({ world, body }) => {
    knownRegion(body.region);
    if (body.size_gigabytes < 1 || body.size_gigabytes > 16_384) throw invalid('Size of a volume must be between 1GiB and 16TiB');
    if ([...world.state.volumes.values()].some(({ name, region }) => name === body.name && region === body.region)) throw new Refusal(409, 'There was already a volume with that name in that region');
    return created({ volume: volumeView(newVolume(world, body), world) });
  }),
  route('GET', `${P}/{volume_id}`, { scopes: ['block_storage:read'] }, ({ world, params }) => ok({ volume: volumeView(volumeOf(world, params), world) })),
  route('DELETE', `${P}/{volume_id}`, { scopes: ['block_storage:delete'] }, ({ world, params }) => {
    const volume = volumeOf(world, params);
    if (volume.droplets.length > 0) throw new Refusal(409, 'A volume that is attached to a Droplet cannot be deleted');
    deleteVolume(world, volume);
    return noContent;
  }),
  route('GET', `${P}/{volume_id}/snapshots`, { scopes: ['block_storage_snapshot:read'], query: PAGE }, (call) =>
    page(call, 'snapshots', [...call.world.state.snapshots.values()].filter(({ volume }) => volume === call.params['volume_id']).map((one) => snapshotView(one, call.world)))),
  route('POST', `${P}/{volume_id}/snapshots`, { scopes: ['block_storage_snapshot:create'], body: z.strictObject({ name: z.string(), tags: z.array(z.string()).optional() }) }, ({ world, params, body }) =>
    created({ snapshot: snapshotView(newSnapshot(world, volumeOf(world, params), body), world) })),
  route('GET', '/v2/snapshots', { scopes: ['block_storage_snapshot:read'], query: ['resource_type', ...PAGE] }, (call) =>
    page(call, 'snapshots', call.query.get('resource_type') === 'droplet' ? [] : [...call.world.state.snapshots.values()].map((one) => snapshotView(one, call.world)))),
  route('DELETE', '/v2/snapshots/{snapshot_id}', { scopes: ['block_storage_snapshot:delete'] }, ({ world, params }) => {
    found(world.state.snapshots.get(params['snapshot_id'] ?? ''));
    world.state.snapshots.delete(params['snapshot_id'] ?? '');
    return noContent;
  }),
];

export function newVolume(world: World, given: { name: string; region: string; size_gigabytes: number; tags?: string[] | undefined }): VolumeRow {
  const { name, region, size_gigabytes, tags = [] } = given;
  const row: VolumeRow = { id: randomUUID(), name, region, size_gigabytes, tags, droplets: [], created: world.clock.now() };
  world.state.volumes.set(row.id, row);
  return row;
}

export function newSnapshot(world: World, { id, region, size_gigabytes }: VolumeRow, { name, tags = [] }: { name: string; tags?: string[] | undefined }): SnapshotRow {
  const row: SnapshotRow = { id: randomUUID(), name, volume: id, region, size_gigabytes, tags, created: world.clock.now() };
  world.state.snapshots.set(row.id, row);
  return row;
}

/** Is listed until it is gone. */
export function deleteVolume(world: World, row: VolumeRow): void {
  if (row.leaving) return;
  row.leaving = true;
  world.clock.after(world.durations.volumeGone, () => void world.state.volumes.delete(row.id));
}

function volumeOf({ state }: World, params: Readonly<Record<string, string>>): VolumeRow {
  return found(state.volumes.get(params['volume_id'] ?? ''));
}

function volumeView({ region, droplets, created: at, leaving: _, ...row }: VolumeRow, { clock }: World): Record<string, unknown> {
  return { ...row, description: '', droplet_ids: droplets, region: regionView(region), filesystem_type: '', filesystem_label: '', created_at: clock.iso(at) };
}

function snapshotView({ volume, region, created: at, ...row }: SnapshotRow, { clock }: World): Record<string, unknown> {
  return { ...row, resource_id: volume, resource_type: 'volume', regions: [region], min_disk_size: row.size_gigabytes, created_at: clock.iso(at) };
}
