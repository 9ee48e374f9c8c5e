import type { Queryable } from './database.ts';

/** Counts the failed tries of an event by this consumer. */
export interface Attempts {
  /** One more has failed; resolves with how many that makes. */
  failed(eventId: string): Promise<number>;
  /** The event is done with. */
  settled(eventId: string): Promise<void>;
}

/**
 * In the table `delivery_attempts` (inboxMigration): neither Kafka nor Dapr tells how often a record was delivered, and a
 * count in memory would begin again with each restart and each rebalance. `settled` costs a query only after a failure here;
 * what another replica counted is forgotten by the inbox's prune.
 */
export function tableAttempts(on: Queryable, consumer: string): Attempts {
  const counted = new Set<string>();
  return {
    async failed(eventId) {
      counted.add(eventId);
      const { rows } = await on.query<{ attempts: number }>(
        `INSERT INTO delivery_attempts AS mine (consumer, event_id, attempts) VALUES ($1, $2, 1)
         ON CONFLICT (consumer, event_id) DO UPDATE SET attempts = mine.attempts + 1, last_at = now() RETURNING attempts`,
        [consumer, eventId],
      );
      return rows[0]?.attempts ?? 1;
    },
    async settled(eventId) {
      if (!counted.delete(eventId)) return;
      await on.query('DELETE FROM delivery_attempts WHERE consumer = $1 AND event_id = $2', [consumer, eventId]);
    },
  };
}

const REMEMBERED = 10_000;

/** For a service without a database: right while it lives; the oldest are forgotten first. */
export function memoryAttempts(): Attempts {
  const counts = new Map<string, number>();
  return {
    async failed(eventId) {
      const count = (counts.get(eventId) ?? 0) + 1;
      counts.delete(eventId);
      counts.set(eventId, count);
      const oldest = counts.keys().next().value;
      if (counts.size > REMEMBERED && oldest !== undefined) counts.delete(oldest);
      return count;
    },
    async settled(eventId) {
      counts.delete(eventId);
    },
  };
}
