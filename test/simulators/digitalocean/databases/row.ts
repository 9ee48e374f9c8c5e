import { randomBytes, randomUUID } from 'node:crypto';
import type { Token } from '../route.ts';
import type { World } from '../world.ts';

export type Engine = 'pg' | 'kafka';

export interface UserRow {
  name: string;
  role: 'primary' | 'normal';
  password: string;
  acl: { id: string; topic: string; permission: string }[];
}

export interface TopicRow {
  name: string;
  replication_factor: number;
  partition_count: number;
  config: Record<string, unknown>;
  state: 'active' | 'configuring' | 'deleting' | 'unknown';
  /** Until then GET answers 404, as if it had never been asked for. */
  hidden: boolean;
}

export interface PoolRow {
  name: string;
  mode: string;
  size: number;
  db: string;
  user: string;
}

export interface Rule {
  uuid: string;
  type: 'droplet' | 'k8s' | 'ip_addr' | 'tag' | 'app';
  value: string;
  description?: string | undefined;
}

export interface DatabaseRow {
  id: string;
  name: string;
  engine: Engine;
  version: string;
  num_nodes: number;
  size: string;
  region: string;
  vpc: string;
  status: 'creating' | 'online' | 'resizing';
  tags: string[];
  users: UserRow[];
  dbs: string[];
  pools: PoolRow[];
  topics: TopicRow[];
  rules: Rule[];
  storage_size_mib: number;
  project_id?: string | undefined;
  created: number;
  /** A real server that it stands for. */
  behind?: DatabaseBehind;
}

export interface DatabaseBehind {
  host: string;
  port: number;
  /** Of its pooler; the same as `port` when left out. */
  poolPort?: number;
  /** Brings its users and databases in line, before the answer that says that they are there. */
  follow?: (database: DatabaseRow) => Promise<void>;
}

const PORTS: Record<Engine, { direct: number; pool: number }> = { pg: { direct: 25_060, pool: 25_061 }, kafka: { direct: 25_073, pool: 25_073 } };

export function newPassword(): string {
  return `AVNS_${randomBytes(12).toString('hex')}`;
}

export function newUser(name: string, role: UserRow['role'], acl: { topic: string; permission: string }[] = []): UserRow {
  return { name, role, password: newPassword(), acl: acl.map((one) => ({ id: `acl-${randomUUID().slice(0, 8)}`, ...one })) };
}

/** Passwords are only for tokens that may see them. */
export function mayViewCredentials({ scopes }: Token): boolean {
  return scopes === undefined || scopes.includes('database:view_credentials');
}

export function userView({ name, role, password, acl }: UserRow, { engine }: DatabaseRow, token: Token): Record<string, unknown> {
  const shown = mayViewCredentials(token) ? { password, ...(engine === 'kafka' ? { access_cert: 'CERTIFICATE', access_key: 'KEY' } : {}) } : {};
  return { name, role, ...shown, settings: engine === 'kafka' ? { acl } : {} };
}

/** Where a database is reached, by its user of that name. */
export function connection(row: DatabaseRow, { host, user, database, pool = false }: { host: 'public' | 'private'; user: string; database: string; pool?: boolean }, token: Token): Record<string, unknown> {
  const ports = PORTS[row.engine];
  const where = row.behind?.host ?? `${host === 'private' ? 'private-' : ''}${row.name}-do-user-1234-0.c.db.ondigitalocean.com`;
  const port = row.behind === undefined ? (pool ? ports.pool : ports.direct) : pool ? (row.behind.poolPort ?? row.behind.port) : row.behind.port;
  const password = mayViewCredentials(token) ? row.users.find(({ name }) => name === user)?.password : undefined;
  const scheme = row.engine === 'pg' ? 'postgresql' : 'kafka';
  const uri = row.engine === 'pg' ? `${scheme}://${user}:${password ?? ''}@${where}:${port}/${database}?sslmode=require` : `${where}:${port}`;
  return { protocol: scheme, uri, database, host: where, port, user, ...(password === undefined ? {} : { password }), ssl: true };
}

export function databaseView(row: DatabaseRow, world: World, token: Token): Record<string, unknown> {
  const { id, name, engine, version, num_nodes, size, region, status, tags, dbs, storage_size_mib, project_id } = row;
  const way = { user: 'doadmin', database: engine === 'pg' ? 'defaultdb' : '' };
  return {
    id, name, engine, version, semantic_version: `${version}.1`, num_nodes, size, region, status, tags, storage_size_mib, private_network_uuid: row.vpc, db_names: engine === 'pg' ? dbs : null,
    connection: connection(row, { host: 'public', ...way }, token),
    private_connection: connection(row, { host: 'private', ...way }, token),
    users: row.users.map((user) => userView(user, row, token)),
    maintenance_window: { day: 'sunday', hour: '02:00:00', pending: false, description: [] },
    ...(project_id === undefined ? {} : { project_id }),
    created_at: world.clock.iso(row.created),
  };
}
