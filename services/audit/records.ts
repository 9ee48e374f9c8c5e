import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { Queryable } from '../kit/database.ts';
import type { Origin } from '../kit/dead-letter.ts';

/** An event as it was kept. */
export interface AuditRecord {
  /** Rising in the order of keeping; where to go on from. */
  readonly number: number;
  readonly topic: string;
  readonly kept_at: string;
  readonly partition: number | null;
  readonly offset: number | null;
  /** The event as its service published it, without what Dapr added on the way. */
  readonly event: CloudEvent;
}

/** Keeps an event of a topic; one that is kept already stays as it is. The record itself is the mark that it was seen. Says whether it is new. */
export async function keep(on: Queryable, event: CloudEvent, { topic, partition, offset }: Origin): Promise<boolean> {
  const { rowCount } = await on.query(
    `INSERT INTO records (topic, event_id, type, task_id, happened_at, topic_partition, topic_offset, event)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (topic, event_id) DO NOTHING`,
    [topic, event.id, event.type, event.subject, event.time, partition, offset, JSON.stringify(event)],
  );
  return rowCount === 1;
}

/** The records of a task, or of all, after a number, in the order of keeping. */
export async function readRecords(on: Queryable, { task, after, limit }: { task?: string | undefined; after: number; limit: number }): Promise<AuditRecord[]> {
  const { rows } = await on.query<Omit<AuditRecord, 'kept_at'> & { kept_at: Date }>(
    `SELECT number, topic, kept_at, topic_partition AS partition, topic_offset AS offset, event FROM records
     WHERE ($1::text IS NULL OR task_id = $1) AND number > $2 ORDER BY number LIMIT $3`,
    [task, after, limit],
  );
  return rows.map((row) => ({ ...row, kept_at: row.kept_at.toISOString() }));
}
