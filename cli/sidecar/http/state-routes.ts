import type { Clock } from '../../io/clock.ts';
import { parseJson } from '../precise-json.ts';
import { isRecord } from '../resources/document.ts';
import type { Resiliency } from '../resources/resiliency.ts';
import { Permanent, withPolicy } from '../retry.ts';
import { originalKey, storedKey } from '../state/keys.ts';
import { readRequest, type StateRequest } from '../state/requests.ts';
import { EtagMismatch, type SetRequest, type StateItem, type StateStore } from '../state/store.ts';
import { DaprError, errorInfo } from './dapr-error.ts';
import { EMPTY, json, type Answer, type Exchange } from './exchange.ts';
import type { Route } from './router.ts';

export interface StateComponent {
  store: StateStore;
  keyPrefix: string | undefined;
}

interface Options {
  appId: string;
  stores: ReadonlyMap<string, StateComponent>;
  resiliency: Resiliency;
  clock: Clock;
  stop: AbortSignal;
}

const malformed = (problem: string): DaprError => new DaprError(400, 'ERR_MALFORMED_REQUEST', problem);
const unreadable = (problem: string): DaprError => malformed(`failed deserializing HTTP body: ${problem}`);

/** The state API of one app (pkg/api/http/http.go, onGetState and its neighbours). */
export function stateRoutes({ appId, stores, resiliency, clock, stop }: Options): Route[] {
  return [
    { methods: ['POST', 'PUT'], path: '/v1.0/state/{store}/bulk', handler: bulkGet },
    { methods: ['POST', 'PUT'], path: '/v1.0/state/{store}/transaction', handler: transaction },
    { methods: ['GET'], path: '/v1.0/state/{store}/{key}', handler: get },
    { methods: ['DELETE'], path: '/v1.0/state/{store}/{key}', handler: remove },
    { methods: ['POST', 'PUT'], path: '/v1.0/state/{store}', handler: save },
  ];

  function open(exchange: Exchange): { name: string; store: StateStore; stored: (key: string) => string } {
    const name = exchange.params['store'] ?? '';
    if (stores.size === 0) {
      throw new DaprError(500, 'ERR_STATE_STORE_NOT_CONFIGURED', `state store ${name} is not configured`, [errorInfo('DAPR_STATE_NOT_CONFIGURED', { appID: appId })]);
    }
    const component = stores.get(name);
    if (!component) throw new DaprError(400, 'ERR_STATE_STORE_NOT_FOUND', `state store ${name} is not found`, [errorInfo('DAPR_STATE_NOT_FOUND', { appID: appId })]);
    return { name, store: component.store, stored: (key) => storedKey(key, { store: name, appId, prefix: component.keyPrefix }) };
  }

  async function ask<T>(name: string, operation: () => Promise<T>): Promise<T> {
    return await withPolicy(resiliency.outbound(name, 'StatestoreComponentOutbound'), operation, { clock, stop });
  }

  async function get(exchange: Exchange): Promise<Answer> {
    const { name, store, stored } = open(exchange);
    const key = exchange.params['key'] ?? '';
    const wanted = stored(key);
    const [item] = await ask(name, () => store.get([wanted])).catch((error: unknown) => {
      throw new DaprError(500, 'ERR_STATE_GET', `fail to get ${key} from state store ${name}: ${(error as Error).message}`);
    });
    if (!item) return EMPTY;
    const expiry = item.expires && { 'metadata.ttlexpiretime': item.expires };
    return { status: 200, headers: { 'content-type': 'application/json', etag: item.etag, ...expiry }, body: item.value };
  }

  async function bulkGet(exchange: Exchange): Promise<Answer> {
    const { name, store, stored } = open(exchange);
    const body = await readJson(exchange, unreadable);
    const keys = isRecord(body) && Array.isArray(body['keys']) ? body['keys'].map(String) : [];
    if (keys.length === 0) return json(200, []);
    const wanted = keys.map(stored);
    const items = await ask(name, () => store.get(wanted)).catch((error: unknown) => {
      throw new DaprError(500, 'ERR_STATE_BULK_GET', (error as Error).message);
    });
    const found = new Map(items.map((item) => [item.key, item]));
    const missing = wanted.filter((key) => !found.has(key)).map((key) => `{"key":${JSON.stringify(originalKey(key))}}`);
    // The values are JSON already; parsing them would only lose digits.
    return { status: 200, headers: { 'content-type': 'application/json' }, body: `[${[...items.map(bulkItem), ...missing].join(',')}]` };
  }

  async function save(exchange: Exchange): Promise<Answer> {
    const { name, store, stored } = open(exchange);
    const body = await readJson(exchange, malformed);
    if (!Array.isArray(body)) throw malformed('json: cannot unmarshal value into Go value of type []state.SetRequest');
    const extra = exchange.metadata();
    const failed = (status: number, problem: string): DaprError =>
      new DaprError(status, 'ERR_STATE_SAVE', `failed saving state in state store ${name}: ${problem}`);
    const requests = body.map((item) => {
      const request = readRequest(item, extra);
      if (!request || request.key === '') throw malformed('"key" is a required field');
      return toSet(request, stored(request.key), (problem) => failed(500, problem));
    });
    const results = await Promise.allSettled(requests.map((request) => ask(name, () => permanentMismatch(store.apply(request)))));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    if (errors.length === 0) return EMPTY;
    // One conflict among other failures is a failure of the store; conflicts alone are a conflict.
    const conflict = errors.every(isMismatch);
    throw failed(conflict ? 409 : 500, errors.map((error) => error.message).join('\n'));
  }

  async function remove(exchange: Exchange): Promise<Answer> {
    const { name, store, stored } = open(exchange);
    const key = exchange.params['key'] ?? '';
    const wanted = stored(key);
    const etag = exchange.headers['if-match'] || undefined;
    await ask(name, () => permanentMismatch(store.apply({ kind: 'delete', key: wanted, etag }))).catch((error: unknown) => {
      const problem = `failed deleting state with key ${key}: ${(error as Error).message}`;
      throw new DaprError(isMismatch(error) ? 409 : 500, 'ERR_STATE_DELETE', problem);
    });
    return EMPTY;
  }

  async function transaction(exchange: Exchange): Promise<Answer> {
    const { name, store, stored } = open(exchange);
    const body = await readJson(exchange, unreadable);
    const operations: unknown[] = isRecord(body) && Array.isArray(body['operations']) ? body['operations'] : [];
    if (operations.length === 0) return EMPTY;
    const failed = (problem: string): DaprError => new DaprError(500, 'ERR_STATE_TRANSACTION', `error while executing state transaction: ${problem}`);
    const requests = operations.map((item) => {
      const { operation = '', request: content } = isRecord(item) ? (item as { operation?: string; request?: unknown }) : {};
      if (operation !== 'upsert' && operation !== 'delete') {
        throw new DaprError(400, 'ERR_NOT_SUPPORTED_STATE_OPERATION', `operation type ${operation} not supported`);
      }
      const request = readRequest(content, exchange.metadata());
      if (!request) throw unreadable('expected a map');
      const key = stored(request.key);
      return operation === 'delete' ? { kind: 'delete' as const, key, etag: request.etag } : toSet(request, key, failed);
    });
    await ask(name, () => store.transact(requests)).catch((error: unknown) => {
      throw failed((error as Error).message);
    });
    return EMPTY;
  }
}

function isMismatch(error: unknown): boolean {
  return error instanceof EtagMismatch || (error as Error).cause instanceof EtagMismatch;
}

/** A conflict stays a conflict however often it is tried. */
async function permanentMismatch(applied: Promise<void>): Promise<void> {
  await applied.catch((error: unknown) => {
    throw error instanceof EtagMismatch ? new Permanent(error.message, { cause: error }) : (error as Error);
  });
}

function toSet({ value, etag, concurrency, ttl }: StateRequest, key: string, refuse: (problem: string) => DaprError): SetRequest {
  if (concurrency !== undefined && !['', 'first-write', 'last-write'].includes(concurrency)) throw refuse(`unrecognized concurrency model '${concurrency}'`);
  if (ttl !== undefined && !/^-?\d+$/.test(ttl)) throw refuse(`error parsing TTL: incorrect value for metadata 'ttlInSeconds': ${ttl}`);
  const ttlSeconds = ttl !== undefined && Number(ttl) > 0 ? Number(ttl) : undefined;
  return { kind: 'set', key, value: JSON.stringify(value ?? null), etag, firstWrite: concurrency === 'first-write', ttlSeconds };
}

function bulkItem({ key, value, etag, expires }: StateItem): string {
  const metadata = expires ? `,"metadata":${JSON.stringify({ ttlExpireTime: expires })}` : '';
  return `{"key":${JSON.stringify(originalKey(key))},"data":${value.toString('utf8')},"etag":"${etag}"${metadata}}`;
}

async function readJson(exchange: Exchange, refuse: (problem: string) => DaprError): Promise<unknown> {
  try {
    return parseJson((await exchange.body()).toString('utf8'));
  } catch (error) {
    throw refuse((error as Error).message);
  }
}
