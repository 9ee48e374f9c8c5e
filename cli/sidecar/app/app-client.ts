import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Agent, request } from '../../../services/kit/http/node-http.ts';

export interface AppRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: OutgoingHttpHeaders;
  body?: Buffer | Readable;
  signal?: AbortSignal;
}

export interface AppReply {
  status: number;
  body: Buffer;
}

/** The way to one app, over kept-alive connections on loopback. node:http, because fetch takes twice the time per delivery. */
export interface AppClient {
  /** Sends and reads the whole reply. Rejects when the app cannot be reached. */
  send(request: AppRequest): Promise<AppReply>;
  /** Sends and returns the reply as it comes. */
  stream(request: AppRequest): Promise<IncomingMessage>;
  close(): void;
}

class ReusedSocketReset extends Error {
  override readonly name = 'ReusedSocketReset';
}

/** A client that adds the app's token, if it has one, as daprd does. */
export function appClient(port: number, appToken: string | undefined): AppClient {
  const agent = new Agent({ keepAlive: true });

  const stream = ({ method, path, headers, body, signal }: AppRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const all = { ...headers, ...(appToken !== undefined && { 'dapr-api-token': appToken }) };
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers: all, ...(signal && { signal }) });
      outgoing.on('response', resolve);
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        reject(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new ReusedSocketReset(error.message) : error);
      });
      if (body === undefined || Buffer.isBuffer(body)) return void outgoing.end(body);
      body.on('error', (error) => outgoing.destroy(error));
      // Not before there is a connection: of an app that does not listen, the next replica gets the body whole.
      outgoing.on('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => body.pipe(outgoing));
        else body.pipe(outgoing);
      });
    });

  return {
    stream,
    send: async (wanted) => {
      const incoming = await stream(wanted).catch((error: unknown) => {
        // The app closed an idle connection as we took it up: Go's client, too, takes another one then.
        if (!(error instanceof ReusedSocketReset)) throw error;
        return stream(wanted);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      return { status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) };
    },
    close: () => agent.destroy(),
  };
}
