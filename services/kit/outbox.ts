import type { Database, Transaction } from './database.ts';
import type { Migration } from './migrate.ts';

/** An event to be published once the transaction that enqueues it is committed. */
export interface OutboxEvent {
  /** A uuid: the id of the CloudEvent, the same at every try. */
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  /** The task id. */
  readonly subject: string;
  /** The record's key, as the topic declares it (task id or user id). Events of one key keep their order. */
  readonly key: string;
  readonly data: unknown;
  readonly traceparent?: string | undefined;
}

export const outboxMigration: Migration = {
  name: 'kit_outbox_1',
  sql: `CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    key text NOT NULL,
    data jsonb NOT NULL,
    traceparent text,
    time timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX outbox_order ON outbox (transaction_id, position);
  CREATE TABLE leases (
    name text PRIMARY KEY,
    owner text NOT NULL,
    token bigint NOT NULL,
    expires_at timestamptz NOT NULL
  );`,
};

/** An event that a broker would refuse for its size must fail here, not stop its key for ever later (Sarama's limit: 1 MB). */
const MAX_EVENT_BYTES = 512 * 1024;

export interface Outbox {
  /** Writes the events in the caller's transaction, in order, and wakes the relay once that is committed. */
  enqueue(tx: Transaction, events: readonly OutboxEvent[]): Promise<void>;
}

/** The channel on which relays of a schema are woken. */
export function outboxChannel(schema: string): string {
  return `outbox_${schema}`;
}

/** The sending end of the outbox. One per process: it gathers wake-ups. */
export function createOutbox(database: Database): Outbox {
  const wake = waker(database);
  return {
    async enqueue(tx, events) {
      if (events.length === 0) return;
      const data = events.map((event) => JSON.stringify(event.data));
      const large = data.findIndex((text) => Buffer.byteLength(text) > MAX_EVENT_BYTES);
      if (large >= 0) throw new RangeError(`event ${events[large]?.id} is larger than ${MAX_EVENT_BYTES} bytes`);
      const column = (of: (event: OutboxEvent) => string | undefined): (string | null)[] => events.map((event) => of(event) ?? null);
      await tx.query(
        `INSERT INTO outbox (id, topic, type, subject, key, data, traceparent)
         SELECT id, topic, type, subject, key, data, traceparent
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[])
           WITH ORDINALITY AS new (id, topic, type, subject, key, data, traceparent, n) ORDER BY n`,
        [column((e) => e.id), column((e) => e.topic), column((e) => e.type), column((e) => e.subject), column((e) => e.key), data, column((e) => e.traceparent)],
      );
      // Behind a transaction pooler nobody can listen, and the relay polls faster.
      if (!database.pooled) tx.afterCommit(wake);
    },
  };
}

// After the commit and gathered, not inside the transaction: a commit that notifies holds a lock that all such commits of the
// server queue for, fsync included. A lost wake-up costs one slow poll of the relay.
function waker(database: Database): () => void {
  let asked = false;
  let busy = false;
  const notify = async (): Promise<void> => {
    busy = true;
    while (asked) {
      asked = false;
      await database.query('SELECT pg_notify($1, $2)', [outboxChannel(database.schema), '']).catch(() => undefined);
    }
    busy = false;
  };
  return () => {
    asked = true;
    if (!busy) void notify();
  };
}
