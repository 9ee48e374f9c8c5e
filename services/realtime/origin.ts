import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another site opened the socket. Browsers put no rule of theirs before a WebSocket, they only say where the
 * page came from; without this any page on the web could listen to a platform on its visitor's machine. No Origin: no browser.
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  return new URL(origin).host !== (headers['x-forwarded-host'] ?? host);
}
