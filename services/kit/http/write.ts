import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './reply.ts';

/** A connection that is closed while its caller still writes is reset, and the reply is lost with it; so the rest is read, for this long. */
const LINGER_MS = 2000;

/**
 * Sends the reply and resolves with its status when it is out or the caller has gone (then 499, as proxies name it).
 * Rejects, with nothing sent, when the body is no JSON or a header is impossible.
 */
export async function send(message: IncomingMessage, response: ServerResponse, reply: Reply, more: Record<string, string>): Promise<number> {
  if (response.closed || response.destroyed) return 499;
  const { body, type } = encode(reply);
  response.statusCode = reply.status;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  for (const [name, value] of Object.entries({ ...more, ...reply.headers })) response.setHeader(name, value);
  if (type !== undefined && !response.hasHeader('content-type')) response.setHeader('content-type', type);
  // 304 and 204 have no body, and no length that would be of one.
  if (reply.status !== 304 && reply.status !== 204) response.setHeader('content-length', body.length);
  // An unread rest of a body would be taken for the next request.
  if (!message.complete) response.setHeader('connection', 'close');
  const bodiless = message.method === 'HEAD' || reply.status === 304 || reply.status === 204;
  return new Promise((resolve) => {
    let isOut = false;
    response.once('close', () => resolve(isOut || response.writableFinished ? reply.status : 499));
    if (message.complete) return void response.end(bodiless ? undefined : body);
    response.flushHeaders();
    response.write(bodiless ? '' : body, () => (isOut = true));
    void restOf(message).then(() => response.end());
  });
}

/** Resolves when the caller has sent all, has gone, or has had its time. */
function restOf(message: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(enough);
      resolve();
    };
    const enough = setTimeout(done, LINGER_MS);
    message.once('end', done).once('close', done).resume();
  });
}

function encode({ body }: Reply): { body: Buffer; type?: string } {
  if (body === undefined) return { body: Buffer.alloc(0) };
  if (Buffer.isBuffer(body)) return { body, type: 'application/octet-stream' };
  if (typeof body === 'string') return { body: Buffer.from(body), type: 'text/plain; charset=utf-8' };
  return { body: Buffer.from(JSON.stringify(body)), type: 'application/json' };
}
