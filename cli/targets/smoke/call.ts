import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Entrance } from '../target.ts';

export interface Said {
  status: number;
  body: string;
  type: string;
  location?: string;
}

export interface Call {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
  /** Another scheme than the entrance's. */
  plain?: boolean;
}

/**
 * One request through the entrance, to its address where its name has no record yet: the name still stands in Host and in TLS. A
 * certificate is believed only by name, so one that is not issued yet is an error of TLS. Errors: those of node:net and node:tls.
 */
export async function call({ url, connectTo }: Pick<Entrance, 'url' | 'connectTo'>, { method, path, headers = {}, body, timeoutMs, plain = false }: Call): Promise<Said> {
  const secure = url.protocol === 'https:' && !plain;
  // Loading fetch costs as much as a whole step, and it cannot connect elsewhere.
  const { request } = secure ? await import('node:https') : await import('node:http');
  const asked = request({
    method,
    path,
    host: connectTo?.host ?? url.hostname.replace(/^\[|\]$/g, ''),
    port: plain && url.protocol === 'https:' ? 80 : (connectTo?.port ?? (url.port || (secure ? 443 : 80))),
    headers: { host: url.host, 'user-agent': 'todoctl', ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }) },
    signal: AbortSignal.timeout(timeoutMs),
    agent: false,
    ...(secure ? { servername: url.hostname } : {}),
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const text = (await answer.setEncoding('utf8').toArray()).join('');
  const { 'content-type': type = '', location } = answer.headers;
  return { status: answer.statusCode ?? 0, body: text, type, ...(location === undefined ? {} : { location }) };
}

/** True for what TLS says of a certificate that is not there, or not the right one. */
export function isCertificateTrouble(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return /^(?:ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|ECONNRESET|ECONNREFUSED)/.test(code);
}
