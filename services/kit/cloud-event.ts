/** A CloudEvent 1.0 in JSON, as it lies on a topic (https://github.com/cloudevents/spec). */
export interface CloudEvent<T = unknown> {
  readonly id: string;
  readonly specversion: '1.0';
  /** `todo/<service>`. */
  readonly source: string;
  readonly type: string;
  /** The task id. */
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly traceparent?: string;
  /** The record's key. */
  readonly partitionkey?: string;
  readonly data: T;
}

/** Says what makes `value` no CloudEvent of ours; undefined when it is one. */
export function cloudEventFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object';
  const event = value as Record<string, unknown>;
  if (event['specversion'] !== '1.0') return 'its specversion is not 1.0';
  for (const name of ['id', 'source', 'type']) {
    const field = event[name];
    if (typeof field !== 'string' || field === '') return `it has no ${name}`;
  }
  for (const name of ['subject', 'time', 'datacontenttype', 'traceparent', 'partitionkey']) {
    if (event[name] !== undefined && typeof event[name] !== 'string') return `its ${name} is no text`;
  }
  if (!('data' in event)) return 'it has no data';
  return undefined;
}
