import * as z from 'zod';
import { found, invalid, Refusal } from '../refusal.ts';
import { created, noContent, ok, PAGE, type Route, route } from '../route.ts';
import { DATABASE, databaseOf, ofEngine, online } from './routes.ts';
import { connection, type DatabaseRow, newPassword, newUser, type PoolRow, type UserRow, userView } from './row.ts';
import type { Token } from '../route.ts';

const P = `${DATABASE}/users`;
const acl = z.array(z.strictObject({ id: z.string().optional(), topic: z.string(), permission: z.enum(['admin', 'consume', 'produce', 'produceconsume']) }));
const settings = z.strictObject({ acl: acl.optional(), pg_allow_replication: z.boolean().optional() });
const pool = { mode: z.enum(['transaction', 'session', 'statement']), size: z.int().min(1), db: z.string(), user: z.string().optional() };
const PAGED = { query: PAGE, undocumented: 'page and per_page' } as const;

/** Users of both engines; databases and poolers of PostgreSQL. */
export const databaseUserRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['database:read'], ...PAGED }, ({ world, params, token }) => {
    const row = databaseOf(world, params);
    return ok({ users: row.users.map((user) => userView(user, row, token)) });
  }),
  route('POST', P, { scopes: ['database:create'], body: z.strictObject({ name: z.string().min(1), settings: settings.optional() }) }, async ({ world, params, body, token }) => {
    const row = online(databaseOf(world, params));
    if (row.users.some(({ name }) => name === body.name)) throw new Refusal(409, 'user already exists');
    const user = newUser(body.name, 'normal', body.settings?.acl);
    row.users.push(user);
    await row.behind?.follow?.(row);
    return created({ user: userView(user, row, token) });
  }),
  route('GET', `${P}/{username}`, { scopes: ['database:read'] }, ({ world, params, token }) => {
    const row = databaseOf(world, params);
    return ok({ user: userView(userOf(row, params), row, token) });
  }),
  route('PUT', `${P}/{username}`, { scopes: ['database:update'], body: z.strictObject({ settings }) }, ({ world, params, body, token }) => {
    const row = databaseOf(world, params);
    const user = userOf(row, params);
    user.acl = newUser(user.name, user.role, body.settings.acl ?? user.acl).acl;
    return created({ user: userView(user, row, token) });
  }),
  route('DELETE', `${P}/{username}`, { scopes: ['database:delete'] }, ({ world, params }) => {
    const row = databaseOf(world, params);
    const user = userOf(row, params);
    row.users = row.users.filter((one) => one !== user);
    return noContent;
  }),
  route('POST', `${P}/{username}/reset_auth`, { scopes: ['database:update'], body: z.strictObject({}) }, ({ world, params, token }) => {
    const row = databaseOf(world, params);
    const user = userOf(row, params);
    user.password = newPassword();
    return ok({ user: userView(user, row, token) });
  }),
  route('GET', `${DATABASE}/dbs`, { scopes: ['database:read'], ...PAGED }, ({ world, params }) => ok({ dbs: ofEngine(databaseOf(world, params), 'pg').dbs.map((name) => ({ name })) })),
  route('POST', `${DATABASE}/dbs`, { scopes: ['database:create'], body: z.strictObject({ name: z.string().min(1) }) }, async ({ world, params, body }) => {
    const row = online(ofEngine(databaseOf(world, params), 'pg'));
    if (row.dbs.includes(body.name)) throw new Refusal(409, 'database already exists');
    row.dbs.push(body.name);
    await row.behind?.follow?.(row);
    return created({ db: { name: body.name } });
  }),
  route('GET', `${DATABASE}/pools`, { scopes: ['database:read'], ...PAGED }, ({ world, params, token }) => {
    const row = ofEngine(databaseOf(world, params), 'pg');
    return ok({ pools: row.pools.map((one) => poolView(one, row, token)) });
  }),
  route('POST', `${DATABASE}/pools`, { scopes: ['database:create'], body: z.strictObject({ name: z.string().min(1), ...pool }) }, ({ world, params, body, token }) => {
    const row = online(ofEngine(databaseOf(world, params), 'pg'));
    if (row.pools.some(({ name }) => name === body.name)) throw new Refusal(409, 'pool already exists');
    const made = checked(row, { ...body, user: body.user ?? 'doadmin' });
    row.pools.push(made);
    return created({ pool: poolView(made, row, token) });
  }),
  route('PUT', `${DATABASE}/pools/{pool_name}`, { scopes: ['database:update'], body: z.strictObject(pool) }, ({ world, params, body }) => {
    const row = ofEngine(databaseOf(world, params), 'pg');
    const there = found(row.pools.find(({ name }) => name === params['pool_name']));
    Object.assign(there, checked({ ...row, pools: row.pools.filter((one) => one !== there) }, { ...there, ...body, user: body.user ?? there.user }));
    return noContent;
  }),
  route('DELETE', `${DATABASE}/pools/{pool_name}`, { scopes: ['database:delete'] }, ({ world, params }) => {
    const row = ofEngine(databaseOf(world, params), 'pg');
    const there = found(row.pools.find(({ name }) => name === params['pool_name']));
    row.pools = row.pools.filter((one) => one !== there);
    return noContent;
  }),
];

/** Connections that poolers of a database may have together: 25 for each GiB of its memory, less three. */
function connectionsOf(size: string): number {
  return 25 * Number(/(\d+)gb$/.exec(size)?.[1] ?? 1) - 3;
}

function checked(row: DatabaseRow, { name, mode, size, db, user }: PoolRow): PoolRow {
  if (!row.dbs.includes(db)) throw invalid('database does not exist');
  if (!row.users.some((one) => one.name === user)) throw invalid('user does not exist');
  if (size + row.pools.reduce((sum, one) => sum + one.size, 0) > connectionsOf(row.size)) throw invalid('pool size exceeds the available connections');
  return { name, mode, size, db, user };
}

function poolView(row: PoolRow, database: DatabaseRow, token: Token): Record<string, unknown> {
  const way = { user: row.user, database: row.name, pool: true };
  return { ...row, connection: connection(database, { host: 'public', ...way }, token), private_connection: connection(database, { host: 'private', ...way }, token) };
}

function userOf({ users }: DatabaseRow, params: Readonly<Record<string, string>>): UserRow {
  return found(users.find(({ name }) => name === params['username']));
}
