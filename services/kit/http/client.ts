import { Agent, request as nodeRequest } from './node-http.ts';

export interface CallOptions {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface HttpClient {
  /** Resolves with whatever status was answered; rejects when there was no whole answer in time. */
  call(options: CallOptions): Promise<Answer>;
  close(): void;
}

/** Plain HTTP over kept connections: cheaper than fetch, and its connections end with `close`. */
export function createHttpClient(connections = 32): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    close: () => agent.destroy(),
    call: ({ method, host, port, path, headers, body, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const limit = AbortSignal.timeout(timeoutMs);
        const request = nodeRequest({
          agent,
          method,
          host,
          port,
          path,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
        request.once('error', reject);
        request.once('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
        });
        request.end(body);
      }),
  };
}
