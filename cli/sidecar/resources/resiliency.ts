import { isRecord, scalar, type ResourceDocument } from './document.ts';
import { goDuration } from './duration.ts';
import { ResourceError } from './resource-error.ts';

export interface Retry {
  policy: 'constant' | 'exponential';
  /** Wait between attempts of a constant policy; Dapr ignores it in an exponential one, which starts at 500 ms. */
  durationMs: number;
  maxIntervalMs: number;
  /** Attempts after the first; -1 for ever. */
  maxRetries: number;
  /** Only these HTTP statuses are tried again; undefined means all. */
  statuses: readonly (readonly [number, number])[] | undefined;
}

export interface Policy {
  timeoutMs?: number;
  retry?: Retry;
}

interface Target {
  timeout?: string;
  retry?: string;
}

type Level = 'App' | 'PubsubComponentInbound' | 'PubsubComponentOutbound' | 'StatestoreComponentOutbound';

/** The policies of one app's Resiliency files, found by target as Dapr finds them. */
export class Resiliency {
  readonly #retries = new Map<string, Retry>();
  readonly #timeouts = new Map<string, number>();
  readonly #apps = new Map<string, Target>();
  readonly #inbound = new Map<string, Target>();
  readonly #outbound = new Map<string, Target>();

  constructor(documents: readonly ResourceDocument[]) {
    for (const document of documents) this.#read(document);
  }

  /** Calls to another app; undefined when no file says anything, so that Dapr's built-in retries apply. */
  app(appId: string): Policy | undefined {
    return this.#policy(this.#apps.get(appId), 'App', []);
  }
  /** Deliveries of a pub/sub component to the app. */
  inbound(component: string): Policy {
    return this.#policy(this.#inbound.get(component), 'PubsubComponentInbound', ['ComponentInbound', 'Component']) ?? {};
  }
  /** What the sidecar asks of a broker or a store. */
  outbound(component: string, level: 'PubsubComponentOutbound' | 'StatestoreComponentOutbound'): Policy {
    return this.#policy(this.#outbound.get(component), level, ['ComponentOutbound', 'Component']) ?? {};
  }

  /** A named target, or what the default templates say (`DefaultPubsubComponentInboundRetryPolicy`, …, `DefaultRetryPolicy`). */
  #policy(target: Target | undefined, level: Level, wider: string[]): Policy | undefined {
    const levels = [level, ...wider, ''];
    const retry = target ? target.retry : levels.map((name) => `Default${name}RetryPolicy`).find((name) => this.#retries.has(name));
    const timeout = target ? target.timeout : levels.map((name) => `Default${name}TimeoutPolicy`).find((name) => this.#timeouts.has(name));
    const retryPolicy = retry === undefined ? undefined : this.#retries.get(retry);
    const timeoutMs = timeout === undefined ? undefined : this.#timeouts.get(timeout);
    if (!target && !retryPolicy && timeoutMs === undefined) return undefined;
    return { ...(retryPolicy && { retry: retryPolicy }), ...(timeoutMs !== undefined && { timeoutMs }) };
  }

  #read({ file, name, body }: ResourceDocument): void {
    const refuse = (problem: string): never => {
      throw new ResourceError(file, `Resiliency ${name}: ${problem}`);
    };
    const block = (parent: unknown, key: string): Record<string, unknown> => {
      const child = isRecord(parent) ? parent[key] : undefined;
      return isRecord(child) ? child : {};
    };
    const policies = block(body['spec'], 'policies');
    for (const [key, value] of Object.entries(block(policies, 'timeouts'))) {
      this.#timeouts.set(key, goDuration(scalar(value) ?? '') ?? refuse(`timeout ${key} is not a duration`));
    }
    for (const [key, value] of Object.entries(block(policies, 'retries'))) {
      this.#retries.set(key, readRetry(value, (problem) => refuse(`retry ${key}: ${problem}`)));
    }
    const targets = block(body['spec'], 'targets');
    const target = (value: unknown): Target => {
      const retry = isRecord(value) ? scalar(value['retry']) : undefined;
      const timeout = isRecord(value) ? scalar(value['timeout']) : undefined;
      if (retry !== undefined && !this.#retries.has(retry)) refuse(`there is no retry policy ${retry}`);
      if (timeout !== undefined && !this.#timeouts.has(timeout)) refuse(`there is no timeout ${timeout}`);
      return { ...(retry !== undefined && { retry }), ...(timeout !== undefined && { timeout }) };
    };
    for (const [app, value] of Object.entries(block(targets, 'apps'))) this.#apps.set(app, target(value));
    for (const [component, value] of Object.entries(block(targets, 'components'))) {
      if (!isRecord(value)) continue;
      this.#inbound.set(component, target(value['inbound']));
      this.#outbound.set(component, target(value['outbound']));
    }
  }
}

// dapr/kit retry.DefaultConfig.
const DEFAULT_WAIT_MS = 5000;
const DEFAULT_MAX_INTERVAL_MS = 60_000;

function readRetry(value: unknown, refuse: (problem: string) => never): Retry {
  const retry = isRecord(value) ? value : {};
  const policy = scalar(retry['policy']) ?? 'constant';
  if (policy !== 'constant' && policy !== 'exponential') refuse(`policy must be constant or exponential, not ${policy}`);
  const ms = (key: string, otherwise: number): number => {
    const text = scalar(retry[key]);
    return text === undefined ? otherwise : (goDuration(text) ?? refuse(`${key} is not a duration`));
  };
  const maxRetries = Number(scalar(retry['maxRetries']) ?? -1);
  if (!Number.isInteger(maxRetries)) refuse('maxRetries is not a whole number');
  const matching = isRecord(retry['matching']) ? scalar(retry['matching']['httpStatusCodes']) : undefined;
  return {
    policy: policy,
    durationMs: ms('duration', DEFAULT_WAIT_MS),
    maxIntervalMs: ms('maxInterval', DEFAULT_MAX_INTERVAL_MS),
    maxRetries,
    statuses: matching === undefined ? undefined : statusRanges(matching, refuse),
  };
}

function statusRanges(text: string, refuse: (problem: string) => never): [number, number][] {
  return text.split(',').map((part) => {
    const [, from, to] = /^\s*(\d{3})(?:-(\d{3}))?\s*$/.exec(part) ?? refuse(`httpStatusCodes: ${part} is not a status or a range`);
    return [Number(from), Number(to ?? from)];
  });
}
