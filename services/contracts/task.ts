import { z } from 'zod';

export const PRIORITIES = ['low', 'medium', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** When a task is due: a local time or an instant (ISO 8601), and the IANA zone that it is meant in. */
export const dueSchema = z.object({ at: z.string().min(1), zone: z.string().min(1) });
export type Due = z.infer<typeof dueSchema>;

/** A task as it stands on the wire and in every event. Times are RFC 3339 in UTC. */
export const taskSchema = z.object({
  id: z.string().min(1),
  title: z.string(),
  description: z.string(),
  priority: z.enum(PRIORITIES),
  tags: z.array(z.string()),
  due: dueSchema.nullable(),
  /** An RFC 5545 rule without its `RRULE:`; the due date is its DTSTART. */
  recurrence: z.string().nullable(),
  completed: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  owner: z.string().min(1),
  /** How many events made the task what it is; the ETag. */
  version: z.int().positive(),
});
export type Task = z.infer<typeof taskSchema>;
