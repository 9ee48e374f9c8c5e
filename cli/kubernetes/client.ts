import type http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redactor } from '../io/redactor.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { reasonOf, unauthorized, unreachable } from './failures.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { Turns } from './turns.ts';

/** What the API server answered; the status is left to the caller, who knows what a 403 or 404 means there. */
export interface Answer<T> {
  status: number;
  body: T;
  /** Warning headers: what the API server does not refuse but thinks wrong, as a Pod Security Standard that is not kept. */
  warnings: readonly string[];
}

export interface Ask {
  method?: 'GET' | 'PATCH' | 'POST' | 'PUT' | 'DELETE';
  body?: string;
  /** Content type of the body. */
  type?: string;
  accept?: string;
}

export interface ClientOptions {
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  stop: AbortSignal;
  /** So long a server may say nothing; 30 seconds when left out. */
  patience?: number;
  /** Signs in anew when the server no longer knows who asks. */
  renew?: () => Promise<ClusterAccess>;
}

/** What goes on after the server's first words: a body without an end in sight, or a connection that speaks another protocol from here. */
export type Opened = { body: http.IncomingMessage } | { socket: Duplex; head: Buffer; headers: http.IncomingHttpHeaders } | { refused: number; reason: string };

interface Received {
  status: number;
  text: string;
  headers: http.IncomingHttpHeaders;
}

/** The connection that was taken for a request had ended while it idled. */
class IdledOut extends Error {}

/** As many requests are under way at once; an API server has room for some hundreds of all its clients. */
const CONNECTIONS = 8;
const PATIENCE_MS = 30_000;
/** An idle connection that a network in between has forgotten is noticed this soon. */
const KEEP_ALIVE_MS = 15_000;
const BUSY_TRIES = 5;
const LONGEST_PAUSE_S = 10;

/** A cluster's API over a few connections that are kept open. */
export class Kubernetes implements Disposable {
  #access: ClusterAccess;
  readonly #options: ClientOptions;
  /** The agent has a queue of its own, which opens connections for requests that were given up. */
  readonly #turns = new Turns(CONNECTIONS);
  #credentials: Promise<Credentials> | undefined;
  #renewing: Promise<void> | undefined;
  #agent: http.Agent | undefined;

  constructor(access: ClusterAccess, options: ClientOptions) {
    this.#access = access;
    this.#options = options;
  }

  /** Where it is, for a person. */
  get where(): string {
    return `${this.#access.context} (${this.#access.server.origin})`;
  }

  /**
   * One request; `path` begins at the server's address: `/api/v1/namespaces`. A server that is busy is asked again.
   * Errors: TODOCTL_CLUSTER_UNREACHABLE, TODOCTL_CLUSTER_UNTRUSTED, TODOCTL_CLUSTER_UNAUTHORIZED, TODOCTL_CREDENTIALS_FAILED, TODOCTL_INTERRUPTED.
   */
  async ask<T>(path: string, ask: Ask = {}): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      const { status, text, headers } = await this.#known(() => this.#turns.take(() => this.#send(path, ask)));
      const wait = Number(headers['retry-after']);
      if ((status === 429 || status === 503) && wait >= 0 && attempt < BUSY_TRIES) {
        await this.#pause(Math.min(wait, LONGEST_PAUSE_S));
        continue;
      }
      return { status, body: bodyOf(text) as T, warnings: warningsOf(headers['warning']) };
    }
  }

  /**
   * A GET that may go on for as long as `signal` lets it; it takes no turn from what asks. `headers` may ask
   * for another protocol. Errors: those of asking; what the server refuses is an answer.
   */
  async open(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Opened> {
    const both = AbortSignal.any([signal, this.#options.stop]);
    const { opened } = await this.#known(() => this.#open(path, both, headers));
    return opened;
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy();
  }

  /** Whoever is not known is signed in anew, once for all that ask; who stays unknown is an error. */
  async #known<T extends { status: number }>(send: () => Promise<T>): Promise<T> {
    const asked = this.#access;
    const answer = await send();
    if (answer.status !== 401) return answer;
    if (asked === this.#access) await (this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined)));
    const again = await send();
    if (again.status === 401) throw unauthorized(this.where);
    return again;
  }

  async #renew(): Promise<void> {
    const { renew } = this.#options;
    const { exec, tokenFile } = this.#access.user;
    // A program or a file gives another token when it is asked again; a token that stands in the kubeconfig does not.
    if (!renew && !exec && tokenFile === undefined) throw unauthorized(this.where);
    this.#access = renew ? await renew() : { ...this.#access };
    this.#credentials = undefined;
    this.#agent = undefined;
  }

  async #send(path: string, { method = 'GET', body, type, accept = 'application/json' }: Ask): Promise<Received> {
    const { client, agent, address, headers } = await this.#prepare(path);
    const { stop, patience = PATIENCE_MS } = this.#options;
    const about = body === undefined ? {} : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(body) };
    const once = (): Promise<Received> => new Promise((resolve, reject) => {
      const request = client.request(address, { method, agent, headers: { ...headers, accept, ...about }, signal: stop, timeout: patience }, (response) => {
        void textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }), reject);
      });
      request.on('timeout', () => request.destroy(new Error(`it said nothing for ${patience / 1000} seconds`)));
      // A connection that idled may have been closed at the other end just now: that says nothing of the server.
      request.on('error', (error: NodeJS.ErrnoException) => reject(method === 'GET' && request.reusedSocket && error.code === 'ECONNRESET' ? new IdledOut() : error));
      request.end(body);
    });
    return this.#reaching(stop, async () => {
      for (;;) {
        try {
          return await once();
        } catch (error) {
          if (!(error instanceof IdledOut)) throw error;
        }
      }
    });
  }

  async #open(path: string, signal: AbortSignal, more: Readonly<Record<string, string>>): Promise<{ status: number; opened: Opened }> {
    const { client, agent, address, headers } = await this.#prepare(path);
    const { patience = PATIENCE_MS } = this.#options;
    return this.#reaching(signal, () => new Promise((resolve, reject) => {
      const request = client.request(address, { agent, headers: { ...headers, ...more }, signal });
      const late = setTimeout(() => request.destroy(new Error(`it said nothing for ${patience / 1000} seconds`)), patience);
      request.on('close', () => clearTimeout(late));
      request.on('socket', (socket) => void socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS));
      request.on('upgrade', (response, socket, head) => {
        clearTimeout(late);
        resolve({ status: 101, opened: { socket, head, headers: response.headers } });
      });
      request.on('response', (body) => {
        clearTimeout(late);
        const status = body.statusCode ?? 0;
        if (status === 200) return resolve({ status, opened: { body } });
        void textOf(body).then((text) => resolve({ status, opened: { refused: status, reason: reasonOf(bodyOf(text)) } }), reject);
      });
      request.on('error', reject);
      request.end();
    }));
  }

  async #prepare(path: string): Promise<{ client: Client; agent: http.Agent; address: URL; headers: Record<string, string> }> {
    const credentials = await (this.#credentials ??= credentialsOf(this.#access.user, this.#options.env, this.#options.redactor, this.#options.stop));
    const { server } = this.#access;
    const client = await clientOf(server);
    return {
      client,
      // It opens as many connections as are asked for: what waits, waits for a turn. What goes on may take one that idles.
      agent: (this.#agent ??= new client.Agent({ keepAlive: true, ...this.#tls(credentials) })),
      // A server may be named with a path in front, as Rancher's is.
      address: new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server),
      headers: { 'user-agent': 'todoctl', ...(credentials.authorization === undefined ? {} : { authorization: credentials.authorization }) },
    };
  }

  async #reaching<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachable(this.where, error);
    }
  }

  async #pause(seconds: number): Promise<void> {
    const { stop } = this.#options;
    await pause(seconds * 1000, undefined, { signal: stop }).catch(() => {
      throw stop.reason;
    });
  }

  #tls({ certificate, key }: Credentials): https.AgentOptions {
    const { ca, insecure, servername } = this.#access;
    return {
      rejectUnauthorized: !insecure,
      ...(ca === undefined ? {} : { ca }),
      ...(servername === undefined ? {} : { servername }),
      ...(certificate === undefined ? {} : { cert: certificate, key }),
    };
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

type Client = Pick<typeof https, 'Agent' | 'request'>;

/** Plain HTTP is what hardly any cluster speaks, and importing node:http takes 30 ms: it loads all of fetch. */
async function clientOf({ protocol }: URL): Promise<Client> {
  return protocol === 'https:' ? https : ((await import('node:http')).default as unknown as Client);
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text.slice(0, 300) };
  }
}

/** `299 - "text"`, several with commas between; a quote inside has a backslash. */
export function warningsOf(header: string | string[] | undefined): string[] {
  const joined = Array.isArray(header) ? header.join(', ') : (header ?? '');
  return [...joined.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
