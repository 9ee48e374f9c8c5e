import { TodoctlError } from '../../errors/todoctl-error.ts';
import { scopeOf } from './scopes.ts';

/** What came of one request, as axios tells it; nothing else of it is read, for it holds the token. */
export interface Outcome {
  method: string;
  /** `/v2/kubernetes/clusters`. */
  path: string;
  /** Undefined when there was no answer. */
  status?: number;
  body?: unknown;
  headers?: Readonly<Record<string, unknown>>;
  /** Node's code of what the network did, `ECONNRESET`. */
  code?: string;
  /** What to say where there was no answer. */
  reason?: string;
}

/** A refusal of DigitalOcean's: a caller that knows what a 404 or 409 means there looks at `status`. */
export class Refusal extends TodoctlError {
  /** 0 where there was no answer. */
  readonly status: number;
  /** DigitalOcean's own words. */
  readonly said: string;

  constructor(outcome: Outcome) {
    const { method, path, status = 0 } = outcome;
    const said = wordsOf(outcome);
    const request = requestOf(outcome);
    const scope = status === 403 ? scopeOf(method, path) : undefined;
    super(codeOf(status, scope), {
      message: status === 0 ? `${method} ${path}: ${said}` : `${method} ${path}: ${status} ${said}${request ? ` (request ${request})` : ''}`,
      ...(scope === undefined ? {} : { details: [`it needs the scope ${scope}`] }),
    });
    this.status = status;
    this.said = said;
  }
}

/** Whether an error is the answer `status` of DigitalOcean. */
export function isRefusal(error: unknown, ...statuses: number[]): error is Refusal {
  return error instanceof Refusal && statuses.includes(error.status);
}

/** Whether DigitalOcean says no to this one request, and not to all: what is of use and not needed is then gone without. */
export function isRefusedAlone(error: unknown): error is Refusal {
  return error instanceof Refusal && error.status >= 400 && error.status < 500 && !CONCERNS_ALL.has(error.status);
}

/** Who asks is not known; too slow, too often. */
const CONCERNS_ALL = new Set([401, 408, 429]);

function codeOf(status: number, scope: string | undefined): ConstructorParameters<typeof TodoctlError>[0] {
  if (status === 0 || status >= 500) return 'TODOCTL_DIGITALOCEAN_UNREACHABLE';
  if (status === 401) return 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED';
  if (status === 403 && scope !== undefined) return 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING';
  if (status === 404) return 'TODOCTL_DIGITALOCEAN_NOT_FOUND';
  return status === 429 ? 'TODOCTL_DIGITALOCEAN_BUSY' : 'TODOCTL_DIGITALOCEAN_REFUSED';
}

/** `message` as nearly everywhere, or `error` and `messages` as tags answer. */
function wordsOf({ status, body, code, reason }: Outcome): string {
  if (status === undefined) return reason ?? code ?? 'no answer';
  const { message, error, messages } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof message === 'string' && message !== '') return message;
  const several = Array.isArray(messages) ? messages.map(String) : [];
  return [typeof error === 'string' ? error : '', ...several].filter(Boolean).join(': ') || 'no reason given';
}

function requestOf({ body, headers = {} }: Outcome): string | undefined {
  const { request_id: inBody } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const id = inBody ?? headers['x-request-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
