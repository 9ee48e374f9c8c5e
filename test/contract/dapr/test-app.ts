import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that an app was sent. */
export interface Received {
  method: string;
  /** Path with query. */
  url: string;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; undefined when it is none. */
  json: unknown;
  at: number;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

type Handler = (received: Received) => Reply | Promise<Reply>;

const DEADLINE_MS = 30_000;

/** An app behind a sidecar: remembers what it is sent and answers as a test wants. */
export class TestApp {
  readonly port: number;
  readonly #server: Server;
  readonly #received: Received[] = [];
  readonly #handlers = new Map<string, Handler>();
  #changed: (() => void)[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('request', (incoming, outgoing) => void this.#answer(incoming, outgoing));
  }

  /** Listens on a free port of loopback, or on the one given. */
  static async listen(port = 0): Promise<TestApp> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new TestApp(server, (server.address() as AddressInfo).port);
  }

  /** From now on answers a path so; without a handler the answer is an empty 200. */
  on(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }

  /** What came for a path so far. */
  seen(path: string): Received[] {
    return this.#received.filter((received) => received.path === path);
  }

  /** Waits until a path got `count` requests and returns all that it got. */
  async waitFor(path: string, count = 1): Promise<Received[]> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const seen = this.seen(path);
      if (seen.length >= count) return seen;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${path}: ${seen.length} of ${count} requests within ${DEADLINE_MS} ms`);
      await this.#change(left);
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = incoming.url ?? '/';
    const path = url.split('?')[0] ?? '';
    // daprd asks for programmatic subscriptions; anything but 404 or a list would make it drop the declared ones, too.
    if (path === '/dapr/subscribe') return void outgoing.writeHead(404).end();
    const received: Received = { method: incoming.method ?? '', url, path, headers: incoming.headers, text, json: jsonOf(text), at: performance.now() };
    this.#received.push(received);
    for (const wake of this.#changed.splice(0)) wake();
    const { status = 200, headers = {}, body = '' } = (await this.#handlers.get(path)?.(received)) ?? {};
    outgoing.writeHead(status, headers).end(body);
  }

  async #change(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#changed.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
