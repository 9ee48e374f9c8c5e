import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../../io/clock.ts';
import type { AppClient } from '../app/app-client.ts';
import type { Policy, Resiliency } from '../resources/resiliency.ts';
import { StatusError, withPolicy } from '../retry.ts';
import { childSpan } from '../trace.ts';
import { DaprError } from './dapr-error.ts';
import type { Answer, Exchange } from './exchange.ts';

/** The replicas of an app, the one whose turn it is first; empty when nobody has that id. */
export type AppDirectory = (appId: string) => readonly AppClient[];

interface Options {
  appId: string;
  apps: AppDirectory;
  resiliency: Resiliency;
  tracing: boolean;
  clock: Clock;
  stop: AbortSignal;
}

interface Call {
  target: string;
  /** Path and query at the callee. */
  path: string;
}

// RFC 7230 6.1: they belong to one connection. daprd strips them too, and content-length with them.
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Service invocation: takes every request that is no other API call (pkg/api/http/directmessaging.go). */
export function invoke({ appId, apps, resiliency, tracing, clock, stop }: Options): (exchange: Exchange) => Promise<Answer> {
  return async (exchange) => {
    const { target, path } = findCall(exchange);
    const headers = forwarded(exchange.headers);
    delete headers['dapr-app-id'];
    headers['dapr-caller-namespace'] = 'default';
    headers['dapr-caller-app-id'] = appId;
    headers['dapr-callee-app-id'] = target;
    headers['traceparent'] = childSpan(headers['traceparent'] as string | undefined, tracing);
    const policy = resiliency.app(target) ?? {};
    const body = policy.retry ? await exchange.body() : hasBody(exchange.headers) ? exchange.incoming : undefined;
    const length = Buffer.isBuffer(body) ? String(body.length) : exchange.headers['content-length'];
    if (length !== undefined && body !== undefined) headers['content-length'] = length;
    const reply = await call(target, policy, (app, signal) => app.stream({ method: exchange.method, path, headers, ...(signal && { signal }), ...(body && { body }) }));
    const kept = forwarded(reply.headers);
    return { status: reply.statusCode ?? 500, headers: kept as Record<string, string | string[]>, body: reply };
  };

  async function call(target: string, policy: Policy, send: (app: AppClient, signal?: AbortSignal) => Promise<IncomingMessage>): Promise<IncomingMessage> {
    let last: IncomingMessage | undefined;
    const attempt = async (signal?: AbortSignal): Promise<IncomingMessage> => {
      last?.resume();
      last = undefined;
      last = await anyReplica(target, (app) => send(app, signal));
      const status = last.statusCode ?? 500;
      if (policy.retry && (status < 200 || status > 399)) throw new StatusError(status, `status ${status}`);
      return last;
    };
    try {
      return await withPolicy(policy, attempt, { clock, stop });
    } catch (error) {
      // The policy is exhausted, but the app did answer: its last answer is the answer.
      if (last) return last;
      throw error instanceof DaprError ? error : failed(target, (error as Error).message);
    }
  }

  /** The next replica is asked when one does not listen: nothing has been sent then. */
  async function anyReplica(target: string, send: (app: AppClient) => Promise<IncomingMessage>): Promise<IncomingMessage> {
    const replicas = apps(target);
    if (replicas.length === 0) throw failed(target, `failed to resolve address for '${target}': no host found with the given ID`);
    let refused: Error | undefined;
    for (const replica of replicas) {
      try {
        return await send(replica);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        refused = error as Error;
      }
    }
    throw failed(target, `rpc error: code = Internal desc = error invoking app channel: ${refused?.message ?? ''}`);
  }
}

function failed(target: string, problem: string): DaprError {
  return new DaprError(500, 'ERR_DIRECT_INVOKE', `failed to invoke, id: ${target}, err: ${problem}`);
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string | string[] | undefined> {
  const nominated = (headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim());
  const dropped = (name: string): boolean => HOP_BY_HOP.includes(name) || nominated.includes(name) || name === 'content-length' || name === 'host';
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped(name)));
}

/** Who is called and with which path: by the `dapr-app-id` header, by Basic auth, or by /v1.0/invoke/APP/method/PATH. */
function findCall({ headers, incoming }: Exchange): Call {
  const url = new URL(incoming.url ?? '/', 'http://sidecar');
  const rest = `/${url.pathname.split('/').filter(Boolean).join('/')}`;
  const byHeader = headers['dapr-app-id'] ?? basicAuthTarget(headers.authorization);
  if (typeof byHeader === 'string' && byHeader !== '') return { target: byHeader, path: rest + url.search };
  const [, target, path] = /^\/v1\.0\/invoke\/(.+?)\/method(?:\/(.*))?$/.exec(rest) ?? [];
  if (!target) {
    throw new DaprError(404, 'ERR_DIRECT_INVOKE', 'failed getting app id either from the URL path or the header dapr-app-id');
  }
  return { target: decodeURIComponent(target), path: `/${path ?? ''}${url.search}` };
}

function basicAuthTarget(authorization: string | undefined): string | undefined {
  if (!authorization?.startsWith('Basic ')) return undefined;
  const [user, password, ...more] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString('utf8').split(':');
  return user?.toLowerCase() === 'dapr-app-id' && more.length === 0 ? password : undefined;
}

