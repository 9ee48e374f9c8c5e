import { beforeAll, expect, it } from 'vitest';
import { until } from '../../../support/until.ts';
import { component } from '../resources.ts';
import { call, type World } from '../world.ts';

const CONFLICT = '00000000-0000-4000-8000-000000000000';

/** The state API on PostgreSQL. */
export function stateCases(world: () => World): void {
  let api: string;
  let other: string;

  beforeAll(async () => {
    const apps = [await world().app(), await world().app()];
    const specs = apps.map((app, index) => ({ appId: ['orders', 'billing'][index] as string, podName: 'p', appPort: app.port }));
    const running = await world().start(specs, [component('state', 'state.postgresql', 'v2', { connectionString: ['postgres', 'uri'], tablePrefix: 'dapr_' })]);
    [api, other] = running.ports.map((port) => `http://127.0.0.1:${port}/v1.0/state`) as [string, string];
  });

  const save = (...items: object[]): ReturnType<typeof call> => call(`${api}/state`, { body: items });
  const etagOf = async (key: string): Promise<string> => (await call(`${api}/state/${key}`)).headers.get('etag') ?? '';

  it('saves, reads with an ETag, overwrites, deletes', async () => {
    expect(await save({ key: 'a', value: { n: 1, big: 1 } })).toMatchObject({ status: 204, text: '' });
    const first = await call(`${api}/state/a`);
    expect(first).toMatchObject({ status: 200, json: { n: 1, big: 1 } });
    expect(first.headers.get('content-type')).toBe('application/json');
    expect(first.headers.get('etag')).toMatch(/^[0-9a-f-]{36}$/);
    await save({ key: 'a', value: 'text' });
    const second = await call(`${api}/state/a`);
    expect(second.text).toBe('"text"');
    expect(second.headers.get('etag')).not.toBe(first.headers.get('etag'));
    expect(await call(`${api}/state/a`, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
    expect(await call(`${api}/state/a`)).toMatchObject({ status: 204, text: '' });
    expect((await call(`${api}/state/a`, { method: 'DELETE' })).status).toBe(204);
  });

  it('keeps what one app saves from every other', async () => {
    await save({ key: 'private', value: 1 });
    expect((await call(`${other}/state/private`)).status).toBe(204);
  });

  it('refuses a write and a delete with an ETag of yesterday', async () => {
    await save({ key: 'b', value: 1 });
    const etag = await etagOf('b');
    expect((await save({ key: 'b', value: 2, etag })).status).toBe(204);
    const stale = await save({ key: 'b', value: 3, etag });
    expect(stale).toMatchObject({ status: 409, json: { errorCode: 'ERR_STATE_SAVE', message: 'failed saving state in state store state: possible etag mismatch. error from state store' } });
    expect(await call(`${api}/state/b`, { method: 'DELETE', headers: { 'if-match': etag } })).toMatchObject({ status: 409, json: { errorCode: 'ERR_STATE_DELETE' } });
    expect((await call(`${api}/state/b`)).json).toBe(2);
    expect((await call(`${api}/state/b`, { method: 'DELETE', headers: { 'if-match': await etagOf('b') } })).status).toBe(204);
  });

  it('never inserts for an ETag, and takes a malformed one for a mismatch', async () => {
    expect((await save({ key: 'nothing-there', value: 1, etag: CONFLICT })).status).toBe(409);
    expect(await save({ key: 'nothing-there', value: 1, etag: 'short' })).toMatchObject({
      status: 409,
      json: { message: 'failed saving state in state store state: possible etag mismatch. error from state store: invalid UUID length: 5' },
    });
  });

  it('writes first, or not at all', async () => {
    const first = { key: 'c', value: 1, options: { concurrency: 'first-write' } };
    expect((await save(first)).status).toBe(204);
    expect(await save({ ...first, value: 2 })).toMatchObject({ status: 500, json: { errorCode: 'ERR_STATE_SAVE' } });
    expect((await call(`${api}/state/c`)).json).toBe(1);
  });

  it('does a transaction wholly', async () => {
    await save({ key: 'd1', value: 'old' });
    const operations = [
      { operation: 'upsert', request: { key: 'd2', value: { made: true } } },
      { operation: 'delete', request: { key: 'd1' } },
    ];
    expect(await call(`${api}/state/transaction`, { body: { operations } })).toMatchObject({ status: 204, text: '' });
    expect((await call(`${api}/state/d1`)).status).toBe(204);
    expect((await call(`${api}/state/d2`)).json).toEqual({ made: true });
  });

  it('does a transaction not at all when one part of it fails', async () => {
    const operations = [
      { operation: 'upsert', request: { key: 'e1', value: 1 } },
      { operation: 'upsert', request: { key: 'e2', value: 2, etag: CONFLICT } },
    ];
    expect(await call(`${api}/state/transaction`, { body: { operations } })).toMatchObject({
      status: 500,
      json: { errorCode: 'ERR_STATE_TRANSACTION', message: 'error while executing state transaction: possible etag mismatch. error from state store' },
    });
    expect((await call(`${api}/state/e1`)).status).toBe(204);
  });

  it('forgets an item when its time is over', async () => {
    await save({ key: 'f', value: 1, metadata: { ttlInSeconds: '1' } }, { key: 'g', value: 2, metadata: { ttlInSeconds: '100' } });
    const alive = await call(`${api}/state/g`);
    expect(alive.headers.get('metadata.ttlexpiretime')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await until('the item goes', async () => (await call(`${api}/state/f`)).status !== 200);
    expect((await save({ key: 'f', value: 'again', options: { concurrency: 'first-write' } })).status).toBe(204);
  });

  it('reads many at once and names those that are not there', async () => {
    await save({ key: 'h1', value: { n: 1 } }, { key: 'h2', value: [2] });
    const { status, json } = await call(`${api}/state/bulk`, { body: { keys: ['h1', 'nope', 'h2'] } });
    expect(status).toBe(200);
    const items = json as { key: string }[];
    expect([...items].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: 'h1', data: { n: 1 }, etag: await etagOf('h1') },
      { key: 'h2', data: [2], etag: await etagOf('h2') },
      { key: 'nope' },
    ]);
    expect(await call(`${api}/state/bulk`, { body: { keys: [] } })).toMatchObject({ status: 200, json: [] });
  });

  it('answers a bad request with an error code', async () => {
    const cases: [path: string, init: Parameters<typeof call>[1], status: number, errorCode: string][] = [
      ['nostore/a', {}, 400, 'ERR_STATE_STORE_NOT_FOUND'],
      ['state', { body: '{' }, 400, 'ERR_MALFORMED_REQUEST'],
      ['state', { body: { key: 'no list' } }, 400, 'ERR_MALFORMED_REQUEST'],
      ['state', { body: [{ value: 'no key' }] }, 400, 'ERR_MALFORMED_REQUEST'],
      ['state', { body: [{ key: 'a||b', value: 1 }] }, 400, 'ERR_MALFORMED_REQUEST'],
      ['state/transaction', { body: { operations: [{ operation: 'increment', request: { key: 'a' } }] } }, 400, 'ERR_NOT_SUPPORTED_STATE_OPERATION'],
      ['state/bulk', { body: 'no json' }, 400, 'ERR_MALFORMED_REQUEST'],
    ];
    const found = await Promise.all(cases.map(async ([path, init]) => {
      const { status, json } = await call(`${api}/${path}`, init);
      return [path, status, (json as { errorCode?: string } | undefined)?.errorCode];
    }));
    expect(found).toEqual(cases.map(([path, , status, errorCode]) => [path, status, errorCode]));
  });

  it('says in detail what is wrong with a store and a key', async () => {
    expect((await call(`${api}/nostore/a`)).json).toEqual({
      errorCode: 'ERR_STATE_STORE_NOT_FOUND',
      message: 'state store nostore is not found',
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'dapr.io', reason: 'DAPR_STATE_NOT_FOUND', metadata: { appID: 'orders' } }],
    });
    expect((await save({ key: 'a||b', value: 1 })).json).toMatchObject({ message: expect.stringContaining("input key/keyPrefix 'a||b' can't contain '||'") as unknown });
  });
}
