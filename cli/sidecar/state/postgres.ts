import type { Pool, PoolClient } from 'pg';
import { rfc3339 } from '../pubsub/cloud-event.ts';
import type { Component } from '../resources/component.ts';
import { duration } from '../resources/duration.ts';
import { ResourceError } from '../resources/resource-error.ts';
import { EtagMismatch, type DeleteRequest, type SetRequest, type StateItem, type StateStore } from './store.ts';
import { migrate } from './migrate.ts';

const IDENTIFIER = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const POOL_SIZE = 4;
const CLEANUP_MS = 3_600_000;

type Database = Pick<Pool | PoolClient, 'query'>;

/** Where a `state.postgresql` component keeps its rows. */
export interface PostgresPlace {
  url: string;
  table: string;
  metadataTable: string;
  cleanupMs: number;
}

/** Reads the component's properties (components-contrib state/postgresql/v2/metadata.go). Only v2: v1 stores otherwise. */
export function postgresPlace({ file, name, version, metadata }: Component): PostgresPlace {
  const refuse = (problem: string): never => {
    throw new ResourceError(file, `Component ${name}: ${problem}`);
  };
  if (version !== 'v2') refuse(`state.postgresql ${version} is not supported by the local sidecar; use version: v2`);
  const url = metadata.get('connectionString');
  if (!url) return refuse('missing connection string');
  const table = `${metadata.get('tablePrefix') ?? ''}state`;
  const metadataTable = metadata.get('metadataTableName') || 'dapr_metadata';
  for (const identifier of [table, metadataTable]) if (!IDENTIFIER.test(identifier)) refuse(`invalid identifier: ${identifier}`);
  const interval = metadata.get('cleanupInterval');
  const cleanupMs = interval ? (duration(interval) ?? refuse('cleanupInterval is not a duration')) : CLEANUP_MS;
  return { url, table, metadataTable, cleanupMs };
}

/** Opens the store and brings its tables up to what daprd 1.18 makes, so that daprd can take them over. `pg` is loaded here, on first use. */
export async function openPostgres(place: PostgresPlace, onError: (error: Error) => void): Promise<StateStore> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: place.url, max: POOL_SIZE });
  // An idle connection that breaks (the server restarts) is replaced by the next query; without a listener it ends the process.
  pool.on('error', onError);
  try {
    await migrate(pool, place);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const cleanup = setInterval(() => {
    pool.query(`DELETE FROM ${place.table} WHERE expires_at IS NOT NULL AND expires_at < now()`).catch(onError);
  }, Math.max(1000, place.cleanupMs));
  cleanup.unref();
  return {
    get: (keys) => get(pool, place.table, keys),
    apply: (request) => apply(pool, place.table, request),
    transact: (requests) => transact(pool, place.table, requests),
    close: async () => {
      clearInterval(cleanup);
      await pool.end();
    },
  };
}

async function get(database: Database, table: string, keys: readonly string[]): Promise<StateItem[]> {
  const { rows } = await database.query<{ key: string; value: Buffer; etag: string; expires_at: Date | null }>(
    `SELECT key, value, etag, expires_at FROM ${table} WHERE key = ANY($1) AND (expires_at IS NULL OR expires_at >= now())`,
    [keys],
  );
  return rows.map(({ key, value, etag, expires_at: expires }) => ({ key, value, etag, expires: expires ? rfc3339(expires.getTime()) : undefined }));
}

async function apply(database: Database, table: string, request: SetRequest | DeleteRequest): Promise<void> {
  if (request.etag !== undefined && !UUID.test(request.etag)) {
    throw new EtagMismatch(request.etag.length === 36 ? 'invalid UUID format' : `invalid UUID length: ${request.etag.length}`);
  }
  return request.kind === 'set' ? await set(database, table, request) : await remove(database, table, request);
}

async function set(database: Database, table: string, { key, value, etag, firstWrite, ttlSeconds }: SetRequest): Promise<void> {
  const expires = ttlSeconds === undefined ? 'NULL' : `now() + interval '${ttlSeconds} seconds'`;
  const assign = `value = $2, updated_at = now(), etag = gen_random_uuid(), expires_at = ${expires}`;
  const bytes = Buffer.from(value);
  if (etag !== undefined) {
    const alive = '(expires_at IS NULL OR expires_at >= now())';
    const { rowCount } = await database.query(`UPDATE ${table} SET ${assign} WHERE key = $1 AND etag = $3 AND ${alive}`, [key, bytes, etag]);
    if (rowCount !== 1) throw new EtagMismatch();
    return;
  }
  // An expired row may still lie there: first-write may take its place.
  const { rowCount } = await database.query(
    `INSERT INTO ${table} AS t (key, value, etag, expires_at) VALUES ($1, $2, gen_random_uuid(), ${expires})
     ON CONFLICT (key) DO UPDATE SET ${assign}${firstWrite ? ' WHERE (t.expires_at IS NOT NULL AND t.expires_at < now())' : ''}`,
    [key, bytes],
  );
  if (rowCount !== 1) throw new Error('no item was updated');
}

async function remove(database: Database, table: string, { key, etag }: DeleteRequest): Promise<void> {
  const matching = etag === undefined ? '' : ' AND etag = $2';
  const { rowCount } = await database.query(`DELETE FROM ${table} WHERE key = $1${matching}`, etag === undefined ? [key] : [key, etag]);
  if (etag !== undefined && rowCount !== 1) throw new EtagMismatch();
}

async function transact(pool: Pool, table: string, requests: readonly (SetRequest | DeleteRequest)[]): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    for (const request of requests) await apply(client, table, request);
    await client.query('COMMIT');
  } catch (error) {
    // A connection that cannot roll back is not given back to the pool.
    await client.query('ROLLBACK').catch((failure: unknown) => (broken = failure as Error));
    throw error;
  } finally {
    client.release(broken);
  }
}
