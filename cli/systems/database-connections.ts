import type { Platform, Service } from '../definition/platform.ts';
import { STATE_CONNECTIONS } from './dapr-components.ts';
import { pooledConnections, postgresProvider } from './names.ts';
import { CLUSTER_CONNECTIONS } from './postgres.ts';
import { redisHost } from './redis.ts';

/** Connections of a replica's pool unless the definition says otherwise; services/kit/database.ts. */
const POOL = 10;
/** Of a replica that relays an outbox: a pool of 3 and one that listens; services/kit/relay.ts. */
const RELAY_CONNECTIONS = 4;
/** PostgreSQL keeps 3 for superusers (superuser_reserved_connections). */
const CLUSTER_OWN = 3;

/** What uses connections of the database, and how many at most. */
export interface ConnectionUse {
  what: string;
  connections: number;
}

/** How many connections services may open when all is scaled out, and how many the database gives; undefined when nobody knows. */
export interface DatabaseConnections {
  limit?: number;
  used: readonly ConnectionUse[];
  /** A pooler's connections, and the fewest with which all can start at once. */
  pooler?: { size: number; least: number };
}

/** Pools are counted full: a database that refuses a connection in the busiest minute refuses it when it hurts most. A pooler's size holds for all. */
export function databaseConnections(platform: Platform): DatabaseConnections {
  const limit = limitOf(platform);
  const size = pooledConnections(platform);
  return {
    ...(limit === undefined ? {} : { limit }),
    used: [...byServices(platform), ...byDump(platform)],
    ...(size === undefined ? {} : { pooler: { size, least: leastOf(platform) } }),
  };
}

/**
 * While a sidecar's state store starts, it holds one connection in a transaction and asks for another (components-contrib 1.18,
 * common/component/sql/migrations/postgres): one must be left when all do so, or each waits for the others.
 */
function leastOf(platform: Platform): number {
  const stateful = platform.services.filter((service) => keepsState(platform, service));
  return stateful.reduce((sum, service) => sum + mostOf(service), 1);
}

function keepsState(platform: Platform, { state }: Service): boolean {
  return state && redisHost(platform) === undefined;
}

function byServices(platform: Platform): ConnectionUse[] {
  const pool = platform.environment.postgres?.pool ?? POOL;
  const pooled = pooledConnections(platform);
  const used = platform.services.flatMap((service): ConnectionUse[] => {
    const { name, database, publishes } = service;
    const replicas = mostOf(service);
    return [
      // Migrations go by the pool: no connection of their own.
      ...(database ? [{ what: `${name}: ${replicas} × a pool of ${pool}`, connections: replicas * pool }] : []),
      ...(database && publishes.length > 0 ? [{ what: `${name}: ${replicas} × ${RELAY_CONNECTIONS} for its outbox`, connections: replicas * RELAY_CONNECTIONS }] : []),
      ...(keepsState(platform, service) ? [{ what: `${name}: ${replicas} × ${STATE_CONNECTIONS} for its sidecar’s state store`, connections: replicas * STATE_CONNECTIONS }] : []),
    ];
  });
  return pooled === undefined || used.length === 0 ? used : [{ what: `a pooler of ${pooled} for all services`, connections: pooled }];
}

/** pg_dump goes to the database itself. */
function byDump({ environment, services }: Platform): ConnectionUse[] {
  const dumped = environment.systems['backup'] !== undefined && services.some(({ database }) => database);
  return dumped ? [{ what: 'the backup’s dump', connections: 1 }] : [];
}

function mostOf({ replicas, scale }: Service): number {
  return Math.max(replicas, scale?.max ?? 0);
}

function limitOf(platform: Platform): number | undefined {
  const { connections, size } = platform.environment.postgres ?? {};
  const provider = postgresProvider(platform);
  if (provider === 'cluster') return (connections ?? CLUSTER_CONNECTIONS) - CLUSTER_OWN;
  return connections ?? (provider === 'digitalocean' && size !== undefined ? digitaloceanLimit(size) : undefined);
}

/**
 * DigitalOcean gives 25 connections per GiB of the machine, at most 1000, and keeps 3 of them (docs.digitalocean.com, PostgreSQL limits:
 * 22 for 1 GiB, 97 for 4 GiB). `size` is a slug like db-s-2vcpu-4gb.
 */
function digitaloceanLimit(size: string): number | undefined {
  const memory = /-(\d+)gb$/.exec(size)?.[1];
  return memory === undefined ? undefined : Math.min(25 * Number(memory), 1000) - 3;
}
