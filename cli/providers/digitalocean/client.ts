import type { DigitalOcean as Library } from 'digitalocean-js';
import type { instance } from 'digitalocean-js/src/lib/axios-instance.js';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type Clock, systemClock } from '../../io/clock.ts';
import type { Redactor } from '../../io/redactor.ts';
import { isRefusal, type Outcome, Refusal } from './failures.ts';
import { isLost, MOST_TRIES, pauseOf } from './retry.ts';
import { readToken } from './token.ts';

export interface ClientGiven {
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  /** Ends what is under way. */
  stop: AbortSignal;
  clock?: Clock;
  /** So long one answer may take, milliseconds; 30 seconds when left out. */
  patience?: number;
  /** Told in a line what is waited for, where it takes longer than a moment. */
  say?: (line: string) => void;
}

export type Query = Readonly<Record<string, string | number | boolean>>;

const BASE = 'https://api.digitalocean.com';
const PER_PAGE = 200;
const PATIENCE_MS = 30_000;
/** How often a lost answer is looked for before it is asked for again, and how long apart: what was made is not always listed at once. */
const LOOKS_MS = [0, 1000, 3000];
/** A shorter pause is worth no word; many requests that wait for the same are worth one in so many milliseconds. */
const WORTH_SAYING_MS = 1000;
const SAY_AGAIN_MS = 5000;

interface Named {
  method: string;
  path: string;
}

interface Ways {
  library: Library;
  http: typeof instance;
}

type Call<T> = (ways: Ways) => Promise<T>;

interface Parts {
  library: typeof Library;
  http: typeof instance;
}

/**
 * The API of DigitalOcean: digitalocean-js for the calls that it has right, and its axios instance for the rest.
 * Reading, replacing and deleting are tried again when DigitalOcean is busy or not well; making is not, unless the caller can look
 * for what a lost answer may have made. Nothing that axios throws leaves this file: it holds the token.
 * Errors of all methods: Refusal (TODOCTL_DIGITALOCEAN_TOKEN_REFUSED, _SCOPE_MISSING, _NOT_FOUND, _REFUSED, _BUSY, _UNREACHABLE),
 * TODOCTL_DIGITALOCEAN_NO_TOKEN, TODOCTL_INTERRUPTED.
 */
export class DigitalOcean {
  readonly #given: ClientGiven;
  readonly #clock: Clock;
  readonly #base: URL;
  #parts: Promise<Parts & { token: string }> | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(given: ClientGiven) {
    this.#given = given;
    this.#clock = given.clock ?? systemClock;
    this.#base = baseOf(given.env);
  }

  /** `path` begins with `/v2`. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#ask<T>('GET', path, { query });
  }

  /** Undefined where DigitalOcean answers 404. */
  async find<T>(path: string, query: Query = {}): Promise<T | undefined> {
    return this.get<T>(path, query).catch(unlessGone);
  }

  /** All rows of all pages, of the list that the answer has under `key`. `next` is never followed: it names the host of production. */
  async list<T>(path: string, key: string, query: Query = {}): Promise<T[]> {
    const rows: T[] = [];
    for (let page = 1; ; page++) {
      const answer = await this.get<Readonly<Record<string, unknown>> & { links?: { pages?: { next?: string } } }>(path, { ...query, page, per_page: PER_PAGE });
      const some = (answer[key] ?? []) as T[];
      rows.push(...some);
      if (some.length === 0 || !answer.links?.pages?.next) return rows;
    }
  }

  /** Replaces; asked twice it does the same. */
  async put<T>(path: string, body: object): Promise<T> {
    return this.#ask<T>('PUT', path, { body });
  }

  /** False where it was gone already. */
  async remove(path: string, body?: object): Promise<boolean> {
    return this.#ask('DELETE', path, { ...(body ? { body } : {}) }).then(() => true, (error: unknown) => unlessGone(error) ?? false);
  }

  /**
   * Asks for something that a second request would make twice. Where the answer is lost, `look` says whether it was made all the same;
   * only when it was not is it asked for again.
   */
  async make<T>(path: string, body: object, look: () => Promise<T | undefined>): Promise<T> {
    return this.#made(({ http }) => http.post<T>(below(path), body).then(({ data }) => data), { method: 'POST', path }, look);
  }

  /** The same for a call of the library; it answers what it made. */
  async makeBy<T>(path: string, call: (library: Library) => Promise<T>, look: () => Promise<T | undefined>): Promise<T> {
    return this.#made(({ library }) => call(library), { method: 'POST', path }, look);
  }

  /** A deed that does no harm when it is done twice, as an upgrade to the version that is under way. */
  async post<T>(path: string, body: object, query: Query = {}): Promise<T> {
    return this.#ask<T>('POST', path, { body, query });
  }

  /** A reading call of the library. */
  async read<T>(path: string, call: (library: Library) => Promise<T>): Promise<T> {
    return this.#again(({ library }) => call(library), { method: 'GET', path });
  }

  async #ask<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, { query, body }: { query?: Query; body?: object }): Promise<T> {
    return this.#again(({ http }) => http.request<T>({ method, url: below(path), ...(query ? { params: query } : {}), ...(body ? { data: body } : {}) }).then(({ data }) => data), { method, path });
  }

  async #again<T>(call: Call<T>, named: Named): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#once(call, named);
      if ('value' in outcome) return outcome.value;
      await this.#pause(outcome, attempt);
    }
  }

  async #made<T>(call: Call<T>, named: Named, look: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#once(call, named);
      if ('value' in outcome) return outcome.value;
      if (isLost(outcome)) {
        for (const pause of LOOKS_MS) {
          if (pause > 0) await this.#clock.wait(pause, this.#given.stop);
          const found = await look();
          if (found !== undefined) return found;
        }
      }
      await this.#pause(outcome, attempt);
    }
  }

  /** Until it is asked again. Throws what came of it where that is of no use. */
  async #pause(outcome: Outcome, attempt: number): Promise<void> {
    const pause = attempt < MOST_TRIES ? pauseOf(outcome, attempt) : undefined;
    const refusal = new Refusal(outcome);
    if (pause === undefined) throw refusal;
    if (pause >= WORTH_SAYING_MS && this.#clock.now() - this.#saidAt >= SAY_AGAIN_MS) {
      this.#saidAt = this.#clock.now();
      this.#given.say?.(`Waiting for DigitalOcean: ${refusal.said}; asked again in ${Math.round(pause / 1000)} s`);
    }
    await this.#clock.wait(pause, this.#given.stop);
  }

  /** One request, and what came of it in plain values. */
  async #once<T>(call: Call<T>, named: Named): Promise<{ value: T } | Outcome> {
    const { stop, patience = PATIENCE_MS } = this.#given;
    const { library, http, token } = await (this.#parts ??= this.#load());
    stop.throwIfAborted();
    const tooLong = AbortSignal.timeout(patience);
    try {
      // All instances of the library share one axios instance, which takes its settings at the moment of the call: nothing may be awaited in between.
      const ours = new library(token, `${this.#base.href.replace(/\/$/, '')}/v2`);
      Object.assign(http.defaults, { signal: AbortSignal.any([stop, tooLong]), maxRedirects: 0, ...(isLoopback(this.#base) ? { proxy: false } : {}) });
      const value = await call({ library: ours, http });
      if (typeof value === 'string' && value !== '') return { ...named, reason: 'what answers is not the API of DigitalOcean' };
      return { value };
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      return outcomeOf(error, named, tooLong.aborted ? `no answer in ${patience / 1000} seconds` : undefined);
    }
  }

  async #load(): Promise<Parts & { token: string }> {
    const token = await readToken(this.#given.env, this.#given.redactor);
    // 0.2 s: only who asks DigitalOcean pays for it.
    const [{ DigitalOcean: library }, { instance: http }] = await Promise.all([import('digitalocean-js'), import('digitalocean-js/src/lib/axios-instance.js')]);
    return { library, http, token };
  }
}

function baseOf({ DIGITALOCEAN_API_URL: given }: NodeJS.ProcessEnv): URL {
  const base = URL.parse(given || BASE);
  if (base && /^https?:$/.test(base.protocol)) return base;
  throw new TodoctlError('TODOCTL_DIGITALOCEAN_UNREACHABLE', {
    message: 'DIGITALOCEAN_API_URL is not the address of an API',
    why: `It stands for another API than ${BASE}, as a simulated one: http://127.0.0.1:8080, say.`,
    next: ['Correct it, or take it out of the environment.'],
  });
}

/** The library's base address ends with `/v2`, which all paths here begin with, as they stand in DigitalOcean's documents. */
function below(path: string): string {
  return path.replace(/^\/v2/, '');
}

/** A proxy of the environment is not for what runs on this machine. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** What came of a request that failed, without anything that holds the token. */
function outcomeOf(error: unknown, named: Named, reason: string | undefined): Outcome {
  const { response, code, message } = error as { response?: { status: number; data?: unknown; headers?: object }; code?: string; message?: string };
  if (response) return { ...named, status: response.status, body: response.data, headers: { ...response.headers } };
  if (code === undefined && reason === undefined) throw error;
  return { ...named, ...(code === undefined ? {} : { code }), reason: reason ?? message ?? 'no answer' };
}

function unlessGone(error: unknown): undefined {
  if (isRefusal(error, 404)) return undefined;
  throw error;
}
