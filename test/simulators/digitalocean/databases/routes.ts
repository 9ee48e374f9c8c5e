import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { found, invalid, Refusal } from '../refusal.ts';
import { created, noContent, ok, PAGE, type Route, route } from '../route.ts';
import { defaultVpc, linger } from '../vpcs.ts';
import type { World } from '../world.ts';
import { DATABASE_OPTIONS } from './options.ts';
import { databaseView, type DatabaseRow, newUser, type Rule } from './row.ts';

export const DATABASES = '/v2/databases';
export const DATABASE = `${DATABASES}/{database_cluster_uuid}`;

const rule = z.strictObject({ uuid: z.string().optional(), type: z.enum(['droplet', 'k8s', 'ip_addr', 'tag', 'app']), value: z.string(), description: z.string().optional() });
const MOST = 10;
/** Any text that is one certificate to a parser of PEM; it signed nothing. */
const CA = Buffer.from('-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n').toString('base64');

const newDatabase = z.strictObject({
  name: z.string(), engine: z.enum(['pg', 'kafka']), version: z.string().optional(), num_nodes: z.int(), size: z.string(), region: z.string(), private_network_uuid: z.uuid().optional(),
  tags: z.array(z.string()).optional(), storage_size_mib: z.int().optional(), project_id: z.uuid().optional(), rules: z.array(rule).optional(),
});

export const databaseRoutes: readonly Route[] = [
  route('GET', `${DATABASES}/options`, { scopes: ['database:read'] }, () => ok({ options: DATABASE_OPTIONS })),
  // The list is not paged; godo asks for pages of it all the same.
  route('GET', DATABASES, { scopes: ['database:read'], query: ['tag_name', ...PAGE], undocumented: 'page and per_page' }, ({ world, query, token }) => {
    const tag = query.get('tag_name');
    const rows = [...world.state.databases.values()].filter(({ tags }) => tag === null || tags.includes(tag));
    return ok({ databases: rows.map((row) => databaseView(row, world, token)) });
  }),
  route('POST', DATABASES, { scopes: ['database:create'], body: newDatabase }, ({ world, body, token }) => created({ database: databaseView(createDatabase(world, body), world, token) })),
  route('GET', DATABASE, { scopes: ['database:read'] }, ({ world, params, token }) => ok({ database: databaseView(databaseOf(world, params), world, token) })),
  route('DELETE', DATABASE, { scopes: ['database:delete'] }, ({ world, params }) => {
    const { id, vpc, name } = databaseOf(world, params);
    world.clock.after(world.durations.databaseGone, () => {
      if (world.state.databases.delete(id)) linger(world, vpc, `do:dbaas:${id}`, name);
    });
    return noContent;
  }),
  route('GET', `${DATABASE}/ca`, { scopes: ['database:read'] }, ({ world, params }) => {
    databaseOf(world, params);
    return ok({ ca: { certificate: world.databaseCa ?? CA } });
  }),
  route('GET', `${DATABASE}/firewall`, { scopes: ['database:read'] }, ({ world, params }) => {
    const { id, rules, created: at } = databaseOf(world, params);
    return ok({ rules: rules.map((one) => ({ ...one, cluster_uuid: id, created_at: world.clock.iso(at) })) });
  }),
  // Replaces all rules: what is left out is gone.
  route('PUT', `${DATABASE}/firewall`, { scopes: ['database:update'], body: z.strictObject({ rules: z.array(rule.extend({ cluster_uuid: z.string().optional(), created_at: z.string().optional() })) }) }, ({ world, params, body }) => {
    const row = online(databaseOf(world, params));
    row.rules = rulesOf(world, body.rules);
    return noContent;
  }),
  route('PUT', `${DATABASE}/resize`, { scopes: ['database:update'], body: z.strictObject({ size: z.string(), num_nodes: z.int(), storage_size_mib: z.int().optional() }) }, ({ world, params, body }) => {
    const row = online(databaseOf(world, params));
    checkLayout(row.engine, body);
    row.status = 'resizing';
    world.clock.after(world.durations.database, () => Object.assign(row, { status: 'online', size: body.size, num_nodes: body.num_nodes }));
    return { status: 202 };
  }),
];

export function databaseOf({ state }: World, params: Readonly<Record<string, string>>): DatabaseRow {
  return found(state.databases.get(params['database_cluster_uuid'] ?? ''));
}

/** One that is ready to be changed. */
export function online(row: DatabaseRow): DatabaseRow {
  if (row.status === 'creating') throw new Refusal(422, 'database cluster is not online');
  return row;
}

/** A database of that engine; the path of another is not there. */
export function ofEngine(row: DatabaseRow, engine: DatabaseRow['engine']): DatabaseRow {
  if (row.engine !== engine) throw new Refusal(412, `operation is not supported for ${row.engine}`);
  return row;
}

function createDatabase(world: World, body: z.output<typeof newDatabase>): DatabaseRow {
  const { state, clock, durations } = world;
  const { name, engine, num_nodes, size, region, tags = [] } = body;
  if (!/^[a-z][a-z0-9-]{1,62}$/.test(name)) throw invalid('invalid cluster name');
  if ([...state.databases.values()].some((one) => one.name === name)) throw invalid('cluster name is not available');
  if (state.databases.size >= MOST) throw invalid(`you have reached the limit of ${MOST} database clusters`);
  const { regions, versions } = DATABASE_OPTIONS[engine];
  if (!regions.includes(region)) throw invalid('invalid region');
  const version = body.version ?? (engine === 'pg' ? '17' : (versions.at(-1) ?? ''));
  if (!versions.includes(version)) throw invalid('invalid version');
  checkLayout(engine, body);
  const vpc = body.private_network_uuid === undefined ? defaultVpc(world, region) : state.vpcs.get(body.private_network_uuid);
  if (vpc === undefined || vpc.region !== region) throw invalid('invalid private network');
  const row: DatabaseRow = {
    id: randomUUID(), name, engine, version, num_nodes, size, region, vpc: vpc.id, status: 'creating', tags, users: [newUser('doadmin', 'primary')], dbs: engine === 'pg' ? ['defaultdb'] : [],
    pools: [], topics: [], rules: rulesOf(world, body.rules ?? []), storage_size_mib: body.storage_size_mib ?? 61_440, project_id: body.project_id, created: clock.now(),
  };
  const behind = world.databaseBehind(row);
  if (behind !== undefined) row.behind = behind;
  state.databases.set(row.id, row);
  clock.after(durations.database, () => void (row.status = 'online'));
  return row;
}

function checkLayout(engine: DatabaseRow['engine'], { size, num_nodes }: { size: string; num_nodes: number }): void {
  const { layouts } = DATABASE_OPTIONS[engine];
  if (!layouts.some((one) => one.sizes.includes(size))) throw invalid('invalid size');
  if (!layouts.some((one) => one.num_nodes === num_nodes && one.sizes.includes(size))) throw invalid('invalid node count');
}

function rulesOf({ state }: World, rules: readonly z.output<typeof rule>[]): Rule[] {
  for (const { type, value } of rules) if (type === 'k8s' && !state.clusters.has(value)) throw invalid(`invalid trusted source: ${value}`);
  return rules.map(({ uuid, type, value, description }) => ({ uuid: uuid ?? randomUUID(), type, value, ...(description === undefined ? {} : { description }) }));
}
