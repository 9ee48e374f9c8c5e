import type { Database, Transaction } from './database.ts';
import type { Counter } from './metrics.ts';
import type { Migration } from './migrate.ts';

export const inboxMigration: Migration = {
  name: 'kit_inbox_1',
  sql: `CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
  );
  CREATE INDEX inbox_age ON inbox (seen_at);
  CREATE TABLE delivery_attempts (
    consumer text NOT NULL,
    event_id text NOT NULL,
    attempts int NOT NULL,
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
  );`,
};

export interface Inbox {
  /**
   * Runs `effect` and marks the event as seen in one transaction: its effect on the database happens once, however often and
   * by however many replicas it is tried at the same time. 'seen': it had happened before, nothing was done.
   */
  once(eventId: string, effect: (tx: Transaction) => Promise<void>): Promise<'done' | 'seen'>;
  /** Forgets marks and counted attempts older than `ageMs`; must be longer than the topic's retention. Returns how many. */
  prune(ageMs: number): Promise<number>;
}

/** `duplicates` counts the events that had been seen. */
export function createInbox(database: Database, consumer: string, duplicates?: Counter): Inbox {
  return {
    async once(eventId, effect) {
      const done = await database.transaction(async (tx) => {
        // A second replica waits here until the first has committed (then: seen) or rolled back (then: ours).
        const { rowCount } = await tx.query('INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [consumer, eventId]);
        if (rowCount === 0) return false;
        await effect(tx);
        return true;
      });
      if (!done) duplicates?.inc({ consumer });
      return done ? 'done' : 'seen';
    },
    async prune(ageMs) {
      const { rowCount } = await database.query(`DELETE FROM inbox WHERE consumer = $1 AND seen_at < now() - make_interval(secs => $2)`, [consumer, ageMs / 1000]);
      await database.query(`DELETE FROM delivery_attempts WHERE consumer = $1 AND last_at < now() - make_interval(secs => $2)`, [consumer, ageMs / 1000]);
      return rowCount;
    },
  };
}
