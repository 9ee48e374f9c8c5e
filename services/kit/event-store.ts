import type { Queryable, Transaction } from './database.ts';
import { isSqlState } from './database-errors.ts';
import type { Migration } from './migrate.ts';

/** What happened, before it is stored. */
export interface NewEvent {
  /** e.g. `task.created.v1`. */
  readonly type: string;
  readonly data: unknown;
  /** The uuid that also becomes the CloudEvent's id, when the event is published. */
  readonly id: string;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** 1, 2, 3 … within the stream. */
  readonly version: number;
  /** Whose it is (a user id), or ''. */
  readonly scope: string;
  readonly time: Date;
  readonly traceparent: string | undefined;
  readonly position: Position;
}

/** A place in the log of all streams, as text, e.g. `812-40`. Opaque to callers; comparePositions orders them. */
export type Position = string;

export const eventStoreMigration: Migration = {
  name: 'kit_event_store_1',
  sql: `CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    stream text NOT NULL,
    version int NOT NULL CHECK (version > 0),
    scope text NOT NULL,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    data jsonb NOT NULL,
    traceparent text,
    time timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, version)
  );
  CREATE INDEX events_order ON events (transaction_id, position);
  CREATE INDEX events_scope_order ON events (scope, transaction_id, position);`,
};

/** Somebody else appended first: read again, decide again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  readonly stream: string;

  constructor(stream: string, expected: number) {
    super(`the stream is no longer at version ${expected}`);
    this.stream = stream;
  }
}

export interface Append {
  readonly stream: string;
  readonly scope: string;
  /** The version last read; 0 for a stream that must not exist. */
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
  readonly traceparent?: string;
}

/** Appends to one stream; the events are there when the caller's transaction commits. Throws VersionConflict. */
export async function append(tx: Transaction, append: Append): Promise<StoredEvent[]> {
  const { stream, scope, expectedVersion, events, traceparent } = append;
  if (events.length === 0) return [];
  const values = [stream, scope, expectedVersion, events.map(({ id }) => id), events.map(({ type }) => type), events.map(({ data }) => JSON.stringify(data)), traceparent];
  try {
    const { rows } = await tx.query<Row>(
      `INSERT INTO events (stream, version, scope, id, type, data, traceparent)
       SELECT $1, $3::int + new.n, $2, new.id, new.type, new.data, $7
       FROM unnest($4::uuid[], $5::text[], $6::jsonb[]) WITH ORDINALITY AS new (id, type, data, n)
       WHERE (SELECT coalesce(max(version), 0) FROM events WHERE stream = $1) = $3::int
       ORDER BY new.n
       RETURNING ${COLUMNS}`,
      values,
    );
    if (rows.length === 0) throw new VersionConflict(stream, expectedVersion);
    return rows.map(stored);
  } catch (error) {
    // A writer whose transaction we did not see yet.
    if (isSqlState(error, '23505')) throw new VersionConflict(stream, expectedVersion);
    throw error;
  }
}

/** The events of one stream after `afterVersion`, in order. */
export async function readStream(on: Queryable, stream: string, afterVersion = 0): Promise<StoredEvent[]> {
  const { rows } = await on.query<Row>(`SELECT ${COLUMNS} FROM events WHERE stream = $1 AND version > $2 ORDER BY version`, [stream, afterVersion]);
  return rows.map(stored);
}

export interface FeedOptions {
  /** Exclusive; from the beginning when absent. */
  readonly after?: Position | undefined;
  readonly limit: number;
  /** Only events of this scope. */
  readonly scope?: string | undefined;
}

/**
 * The log of all streams in commit-safe order. Identities commit out of order, so events of transactions that might still be
 * overtaken are held back: what was returned once is never preceded by something new. A long-running writer delays the feed.
 */
export async function readFeed(on: Queryable, { after, limit, scope }: FeedOptions): Promise<StoredEvent[]> {
  const [transactionId, position] = after === undefined ? ['0', '0'] : splitPosition(after);
  const { rows } = await on.query<Row>(
    `SELECT ${COLUMNS} FROM events
     WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())
       AND (transaction_id, position) > ($1::xid8, $2::bigint) ${scope === undefined ? '' : 'AND scope = $4'}
     ORDER BY transaction_id, position LIMIT $3`,
    [transactionId, position, limit, ...(scope === undefined ? [] : [scope])],
  );
  return rows.map(stored);
}

/** The position of the last event that readFeed would return now; undefined in an empty log. */
export async function feedHead(on: Queryable): Promise<Position | undefined> {
  const { rows } = await on.query<Pick<Row, 'transaction_id' | 'position'>>(
    `SELECT transaction_id, position FROM events WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY transaction_id DESC, position DESC LIMIT 1`,
  );
  return rows[0] && positionOf(rows[0]);
}

const POSITION = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,18})$/;

/** Whether a caller's text is a position at all. */
export function isPosition(text: string): boolean {
  const match = POSITION.exec(text);
  return match !== null && BigInt(match[1] ?? 0) < 2n ** 64n && BigInt(match[2] ?? 0) < 2n ** 63n;
}

/** Negative when `a` comes first. Throws RangeError for what is no position. */
export function comparePositions(a: Position, b: Position): number {
  const [ax, ap] = splitPosition(a).map(BigInt) as [bigint, bigint];
  const [bx, bp] = splitPosition(b).map(BigInt) as [bigint, bigint];
  if (ax !== bx) return ax < bx ? -1 : 1;
  return ap === bp ? 0 : ap < bp ? -1 : 1;
}

function splitPosition(position: Position): [string, string] {
  if (!isPosition(position)) throw new RangeError('not a position');
  return position.split('-') as [string, string];
}

interface Row {
  position: number;
  transaction_id: string;
  stream: string;
  version: number;
  scope: string;
  id: string;
  type: string;
  data: unknown;
  traceparent: string | null;
  time: Date;
}

const COLUMNS = 'position, transaction_id, stream, version, scope, id, type, data, traceparent, time';

function positionOf({ transaction_id, position }: Pick<Row, 'transaction_id' | 'position'>): Position {
  return `${transaction_id}-${position}`;
}

function stored(row: Row): StoredEvent {
  const { stream, version, scope, id, type, data, time } = row;
  return { stream, version, scope, id, type, data, time, traceparent: row.traceparent ?? undefined, position: positionOf(row) };
}
