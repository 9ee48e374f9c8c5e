import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** They speak of one connection and end at it (RFC 9110 §7.6.1); `expect` is answered here. */
const HOP_BY_HOP = new Set(['connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** The headers that go on, in their order and with their repetitions. */
export function endToEnd(rawHeaders: readonly string[]): OutgoingHttpHeaders {
  const pairs = pairsOf(rawHeaders);
  const named = pairs.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.split(','));
  const stop = new Set([...HOP_BY_HOP, ...named.map((name) => name.trim().toLowerCase())]);
  // Without a prototype: a client may send a header called `constructor`.
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    if (stop.has(key)) continue;
    const before = headers[key];
    headers[key] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** What an upstream is told of who asked. The gateway is the edge: what a client says of this itself does not count. */
export function forwarded(request: IncomingMessage): OutgoingHttpHeaders {
  return {
    'x-forwarded-for': request.socket.remoteAddress ?? 'unknown',
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-proto': 'http',
  };
}

/** True when a request names its host more than once: nobody may choose for it, and node:http would throw (RFC 9112 §3.2). */
export function hasTwoHosts({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): boolean {
  return (headersDistinct['host']?.length ?? 0) > 1;
}

/** True when a body follows, of known length or in chunks. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function pairsOf(rawHeaders: readonly string[]): (readonly [name: string, value: string])[] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []));
}
