import { z } from 'zod';

/**
 * A CloudEvents 1.0 envelope as it travels on a topic: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 * Dapr adds attributes of its own (topic, pubsubname); a reader passes over what it does not know.
 */
export interface CloudEvent<Type extends string = string, Data = unknown> {
  specversion: '1.0';
  /** The outbox row's id, a uuid: the same in every delivery of the event. */
  id: string;
  /** `todo/<service>`. */
  source: string;
  /** One of EVENT_TYPES; the major version is its last part. */
  type: Type;
  /** The task's id. */
  subject: string;
  /** RFC 3339, in UTC: when it happened. */
  time: string;
  datacontenttype: 'application/json';
  /** W3C trace context of the request that caused it. */
  traceparent?: string;
  /** The same again: an envelope without it gets a trace of Dapr's own, over the one that it has. */
  traceid?: string;
  /** The record key: task id or user id, as the topic declares. */
  partitionkey: string;
  data: Data;
}

/** The envelope alone: `data` is checked by the type's own schema (events.ts). */
export const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  traceparent: z.string().optional(),
  traceid: z.string().optional(),
  partitionkey: z.string().min(1),
  data: z.unknown(),
});
