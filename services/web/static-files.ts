import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text, withETag } from '../kit/http/reply.ts';
import type { Route } from '../kit/http/route.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Only what the page itself brings: no foreign script, style, frame or connection. Sockets of the same origin are `'self'`. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
} as const;

/**
 * A route for each file of a folder, read once: index.html is `/`. Browsers ask each time and are mostly answered 304, so a
 * new release is there at once. Throws for a file of a kind that has no type here.
 */
export async function staticRoutes(folder: string): Promise<Route[]> {
  const names = await readdir(folder);
  return Promise.all(names.map(async (name): Promise<Route> => {
    const type = TYPES[path.extname(name)];
    if (type === undefined) throw new Error(`${name} has no content type`);
    const content = await readFile(path.join(folder, name));
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    const reply = text(content, type, { ...SECURITY_HEADERS, 'cache-control': 'no-cache' });
    return { method: 'GET', path: name === 'index.html' ? '/' : `/${name}`, access: 'public', handler: ({ headers }) => withETag(headers, reply, etag) };
  }));
}
