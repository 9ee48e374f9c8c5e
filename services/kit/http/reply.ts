import type { IncomingHttpHeaders } from 'node:http';

/** What a handler answers. A string or Buffer goes out as it is (say its content-type), anything else as JSON. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({ status: 200, body, headers });
export const created = (body: unknown, location: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 201,
  body,
  headers: { ...headers, location },
});
export const noContent = (headers: Readonly<Record<string, string>> = {}): Reply => ({ status: 204, headers });
export const text = (body: string | Buffer, contentType: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  body,
  headers: { ...headers, 'content-type': contentType },
});

/** Adds the ETag; answers 304 without a body when the caller's If-None-Match names it (RFC 9110 §13.1.2). For GET and HEAD. */
export function withETag(headers: IncomingHttpHeaders, reply: Reply, etag: string): Reply {
  const tagged = { ...reply.headers, etag };
  const given = headers['if-none-match'];
  if (given !== undefined && matches(given, etag, 'weak')) return { status: 304, headers: tagged };
  return { ...reply, headers: tagged };
}

/** Whether If-Match allows a change: 'absent' (not sent), 'match' or 'mismatch' (answer 412; RFC 9110 §13.1.1). */
export function ifMatch(headers: IncomingHttpHeaders, etag: string): 'absent' | 'match' | 'mismatch' {
  const given = headers['if-match'];
  if (given === undefined) return 'absent';
  return matches(given, etag, 'strong') ? 'match' : 'mismatch';
}

function matches(header: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (header.trim() === '*') return true;
  const opaque = (tag: string): string => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag);
  if (comparison === 'strong' && etag.startsWith('W/')) return false;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
}
