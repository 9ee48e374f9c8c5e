import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { Queryable } from './database.ts';
import type { Keyed } from './keyed-queue.ts';

/** A row of the outbox, ready to be published. */
export interface OutboxRow extends Keyed {
  readonly id: string;
  readonly event: CloudEvent;
  readonly enqueuedAt: Date;
}

/** Where reading goes on: everything up to here has been read, and nothing can appear before it any more. */
export interface Cursor {
  readonly transactionId: string;
  readonly position: number;
}

export interface Page {
  readonly rows: OutboxRow[];
  readonly cursor: Cursor | undefined;
  /** There is more to read at once. */
  readonly more: boolean;
  /** Committed rows are held back by a transaction that still runs; look again soon. */
  readonly heldBack: boolean;
}

interface Row {
  id: string;
  transaction_id: string;
  position: number;
  topic: string;
  type: string;
  subject: string;
  key: string;
  data: string;
  traceparent: string | null;
  time: Date;
  settled: boolean;
}

/**
 * The next rows in commit-safe order. Identities commit out of order; a row is settled once no transaction that could commit
 * before it is still running, and settled rows are a prefix of the order.
 */
export async function readPage(on: Queryable, source: string, after: Cursor | undefined, limit: number): Promise<Page> {
  const { rows } = await on.query<Row>(
    `SELECT id, transaction_id, position, topic, type, subject, key, data::text AS data, traceparent, time,
            transaction_id < pg_snapshot_xmin(pg_current_snapshot()) AS settled
     FROM outbox WHERE (transaction_id, position) > ($1::xid8, $2::bigint)
     ORDER BY transaction_id, position LIMIT $3`,
    [after?.transactionId ?? '0', after?.position ?? 0, limit],
  );
  const settled = rows.filter((row) => row.settled);
  const last = settled.at(-1);
  return {
    rows: settled.map((row) => toOutboxRow(row, source)),
    cursor: last ? { transactionId: last.transaction_id, position: last.position } : after,
    more: settled.length === limit,
    heldBack: settled.length < rows.length,
  };
}

/** Forgets rows that are on their topic. Whoever confirmed that may say so, whether it still holds the lease or not. */
export async function deleteRows(on: Queryable, ids: readonly string[]): Promise<void> {
  await on.query('DELETE FROM outbox WHERE id = ANY($1::uuid[])', [ids]);
}

const COUNTED = 10_000;

/** How many rows wait (counted to 10 000) and for how many seconds the first has waited. */
export async function backlog(on: Queryable): Promise<{ depth: number; oldestSeconds: number }> {
  const { rows } = await on.query<{ depth: number; oldest: number | null }>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ${COUNTED}) AS counted) AS depth,
            (SELECT extract(epoch FROM clock_timestamp() - time)::float8 FROM outbox ORDER BY transaction_id, position LIMIT 1) AS oldest`,
  );
  return { depth: rows[0]?.depth ?? 0, oldestSeconds: Math.max(rows[0]?.oldest ?? 0, 0) };
}

function toOutboxRow(row: Row, source: string): OutboxRow {
  const event: CloudEvent = {
    specversion: '1.0',
    id: row.id,
    source,
    type: row.type,
    subject: row.subject,
    time: row.time.toISOString(),
    datacontenttype: 'application/json',
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent, traceid: row.traceparent }),
    partitionkey: row.key,
    data: JSON.parse(row.data) as unknown,
  };
  // What the envelope adds; an estimate is enough.
  return { id: row.id, topic: row.topic, key: row.key, bytes: row.data.length + 500, event, enqueuedAt: row.time };
}
