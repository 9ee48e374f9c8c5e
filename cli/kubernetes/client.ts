import type http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redactor } from '../io/redactor.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { unauthorized, unreachable } from './failures.ts';
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
  method?: 'GET' | 'PATCH' | 'POST' | 'DELETE';
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
}

/** As many requests are under way at once; an API server has room for some hundreds of all its clients. */
const CONNECTIONS = 8;
const PATIENCE_MS = 30_000;
const BUSY_TRIES = 5;
const LONGEST_PAUSE_S = 10;

/** A cluster's API over a few connections that are kept open. */
export class Kubernetes implements Disposable {
  readonly #access: ClusterAccess;
  readonly #options: ClientOptions;
  /** The agent has a queue of its own, which opens connections for requests that were given up. */
  readonly #turns = new Turns(CONNECTIONS);
  #credentials: Promise<Credentials> | undefined;
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
      const { status, text, headers } = await this.#turns.take(() => this.#send(path, ask));
      if (status === 401) throw unauthorized(this.where);
      const wait = Number(headers['retry-after']);
      if ((status === 429 || status === 503) && wait >= 0 && attempt < BUSY_TRIES) {
        await this.#pause(Math.min(wait, LONGEST_PAUSE_S));
        continue;
      }
      return { status, body: bodyOf(text) as T, warnings: warningsOf(headers['warning']) };
    }
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy();
  }

  async #send(path: string, { method = 'GET', body, type, accept = 'application/json' }: Ask): Promise<{ status: number; text: string; headers: http.IncomingHttpHeaders }> {
    const credentials = await (this.#credentials ??= credentialsOf(this.#access.user, this.#options.env, this.#options.redactor, this.#options.stop));
    const { server } = this.#access;
    const client = await clientOf(server);
    const agent = (this.#agent ??= this.#open(client, credentials));
    const { stop, patience = PATIENCE_MS } = this.#options;
    stop.throwIfAborted();
    const headers = {
      accept,
      'user-agent': 'todoctl',
      ...(credentials.authorization === undefined ? {} : { authorization: credentials.authorization }),
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    // A server may be named with a path in front, as Rancher's is.
    const address = new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server);
    try {
      return await new Promise((resolve, reject) => {
        const request = client.request(address, { method, agent, headers, signal: stop, timeout: patience }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), headers: response.headers }));
          response.on('error', reject);
        });
        request.on('timeout', () => request.destroy(new Error(`it said nothing for ${patience / 1000} seconds`)));
        request.on('error', reject);
        request.end(body);
      });
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      throw unreachable(this.where, error);
    }
  }

  async #pause(seconds: number): Promise<void> {
    const { stop } = this.#options;
    await pause(seconds * 1000, undefined, { signal: stop }).catch(() => {
      throw stop.reason;
    });
  }

  #open(client: Client, { certificate, key }: Credentials): http.Agent {
    const { ca, insecure, servername } = this.#access;
    return new client.Agent({
      keepAlive: true,
      rejectUnauthorized: !insecure,
      ...(ca === undefined ? {} : { ca }),
      ...(servername === undefined ? {} : { servername }),
      ...(certificate === undefined ? {} : { cert: certificate, key }),
    });
  }
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
