import { createHash } from 'node:crypto';

// What a person wrote or who they are: never in a log. Matched by the key's name, at any depth.
const PERSONAL = new Set(['title', 'description', 'email', 'tags', 'q', 'text', 'name_of_user', 'task_data', 'data', 'body']);
const SECRET = /authorization|cookie|password|passwd|secret|token|api[-_]?key|connectionstring|database_?url/i;
const PERSON = new Set(['user', 'user_id', 'userid', 'owner', 'x-user-id', 'sub']);
const DEPTH = 5;

/** A short, stable stand-in for a user id: the same person can be followed through the logs, but not named. */
export function maskUser(id: string): string {
  return `u_${createHash('sha256').update(id).digest('hex').slice(0, 10)}`;
}

/** A copy of a log line's fields without personal data and secrets. */
export function mask(fields: Record<string, unknown>): Record<string, unknown> {
  return maskObject(fields, DEPTH);
}

function maskObject(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) clean[key] = maskField(key.toLowerCase(), value, depth);
  return clean;
}

function maskField(key: string, value: unknown, depth: number): unknown {
  if (value === undefined || value === null) return value;
  if (PERSON.has(key) && typeof value === 'string') return maskUser(value);
  if (PERSONAL.has(key) || (SECRET.test(key) && typeof value === 'string')) return '[masked]';
  return maskValue(value, depth);
}

function maskValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value;
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => maskValue(item, depth - 1));
  return maskObject(value as Record<string, unknown>, depth - 1);
}
