import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { Due } from '../contracts/task.ts';
import type { Database } from '../kit/database.ts';
import type { Origin } from '../kit/dead-letter.ts';

/**
 * How a completed task comes back: `pending` until task-api has made the next occurrence (`done`), or it turns out that none
 * is to come: the series is over (`ended`), the task was reopened or is gone (`cancelled`), nobody could (`failed`).
 */
export type SagaState = 'pending' | 'done' | 'ended' | 'cancelled' | 'failed';

/** One saga: of one completion, known by the completing event's id. */
export interface Saga {
  readonly eventId: string;
  readonly taskId: string;
  readonly userId: string;
  /** Of the next occurrence. */
  readonly due: Due;
  /** The rule that the next occurrence carries. */
  readonly recurrence: string;
  /** Tries that were answered, but not well. */
  readonly attempts: number;
  readonly beganAt: Date;
  readonly origin: Origin;
  /** The completing event as it came, for the dead letters. */
  readonly event: CloudEvent;
}

export type NewSaga = Omit<Saga, 'attempts' | 'beganAt'>;

/** The sagas of all replicas. A pending one belongs for a while to whoever took it last; then anyone may take it. */
export interface Sagas {
  /** Begins a saga, taken by the caller; undefined when there is one of this event already. */
  begin(saga: NewSaga, state: 'pending' | 'ended'): Promise<Saga | undefined>;
  /** Takes up to `limit` pending sagas whose time has come. */
  take(limit: number): Promise<Saga[]>;
  settle(eventId: string, state: Exclude<SagaState, 'pending'>, about: { nextTaskId?: string; reason?: string }): Promise<void>;
  /** Lets a pending saga rest for `ms`. `counts`: the try was answered, though not well. */
  postpone(eventId: string, ms: number, counts: boolean): Promise<void>;
  /** Forgets what was settled longer than `ageMs` ago: longer than the topic keeps its events. */
  prune(ageMs: number): Promise<number>;
}

/** A replica that dies while it holds a saga leaves it to the others after this time. */
const HELD_MS = 15_000;

export function sagasIn(database: Database): Sagas {
  return {
    async begin({ eventId, taskId, userId, due, recurrence, origin, event }, state) {
      const { rows } = await database.query<Row>(
        `INSERT INTO sagas (event_id, task_id, user_id, due, recurrence, state, next_try_at, settled_at, origin, event)
         VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), CASE $6 WHEN 'pending' THEN NULL ELSE now() END, $8, $9)
         ON CONFLICT (event_id) DO NOTHING RETURNING *`,
        [eventId, taskId, userId, JSON.stringify(due), recurrence, state, HELD_MS / 1000, JSON.stringify(origin), JSON.stringify(event)],
      );
      return rows[0] && sagaOf(rows[0]);
    },
    async take(limit) {
      const { rows } = await database.query<Row>(
        `UPDATE sagas SET next_try_at = now() + make_interval(secs => $2)
         WHERE event_id IN (SELECT event_id FROM sagas WHERE state = 'pending' AND next_try_at <= now() ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING *`,
        [limit, HELD_MS / 1000],
      );
      return rows.map(sagaOf);
    },
    async settle(eventId, state, { nextTaskId, reason }) {
      await database.query(`UPDATE sagas SET state = $2, next_task_id = $3, reason = $4, settled_at = now() WHERE event_id = $1 AND state = 'pending'`, [eventId, state, nextTaskId, reason]);
    },
    async postpone(eventId, ms, counts) {
      await database.query(
        `UPDATE sagas SET next_try_at = now() + make_interval(secs => $2), attempts = attempts + $3 WHERE event_id = $1 AND state = 'pending'`,
        [eventId, ms / 1000, counts ? 1 : 0],
      );
    },
    async prune(ageMs) {
      const { rowCount } = await database.query('DELETE FROM sagas WHERE settled_at < now() - make_interval(secs => $1)', [ageMs / 1000]);
      return rowCount;
    },
  };
}

interface Row {
  event_id: string;
  task_id: string;
  user_id: string;
  due: Due;
  recurrence: string;
  attempts: number;
  began_at: Date;
  origin: Origin;
  event: CloudEvent;
}

function sagaOf(row: Row): Saga {
  const { due, recurrence, attempts, origin, event } = row;
  return { eventId: row.event_id, taskId: row.task_id, userId: row.user_id, due, recurrence, attempts, beganAt: row.began_at, origin, event };
}
