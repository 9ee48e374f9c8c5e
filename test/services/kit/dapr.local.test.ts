import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import { createDapr, type Dapr } from '../../../services/kit/dapr.ts';
import { DaprError } from '../../../services/kit/dapr-error.ts';
import { startScriptedSidecar, type ScriptedSidecar } from './scripted-sidecar.ts';

let sidecar: ScriptedSidecar;
let dapr: Dapr;
beforeEach(async () => {
  sidecar = await startScriptedSidecar();
  dapr = createDapr({ port: sidecar.port, apiToken: 'dapr-token', timeoutMs: 2000 });
});
afterEach(async () => {
  await dapr.close();
  await sidecar.stop();
});

const event: CloudEvent = {
  id: 'e1',
  specversion: '1.0',
  source: 'todo/task-api',
  type: 'task.created.v1',
  subject: 't1',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  partitionkey: 't1',
  data: { title: 'Milk' },
};
async function failure(asked: Promise<unknown>): Promise<DaprError> {
  const error: unknown = await asked.then(() => new Error('it went well'), (reason: unknown) => reason);
  expect(error).toBeInstanceOf(DaprError);
  return error as DaprError;
}
/** Answers the SDK's own questions as daprd does, and everything else with `status` and `body`. */
function answer(status: number, body?: unknown, headers?: Record<string, string>): void {
  sidecar.other = ({ path }) => {
    if (path === '/v1.0/metadata') return { status: 200, body: { id: 'task-api' } };
    if (path.startsWith('/v1.0/healthz')) return { status: 204 };
    return { status, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) };
  };
}
const asked = () => sidecar.others.filter(({ path }) => !/metadata$|healthz/.test(path));

describe('publishing one event', () => {
  it('sends it as it is, with its partition key and the token', async () => {
    answer(204);
    await dapr.publish('task-events', event, { key: 't1' });
    expect(asked()).toMatchObject([{ method: 'POST', path: '/v1.0/publish/pubsub/task-events?metadata.partitionKey=t1' }]);
    expect(asked()[0]?.headers).toMatchObject({ 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'dapr-token' });
    expect(JSON.parse(asked()[0]?.body ?? '')).toEqual(event);
  });

  it('throws what the SDK only returns', async () => {
    answer(404, { errorCode: 'ERR_PUBSUB_NOT_FOUND', message: 'pubsub pubsub is not found' });
    expect(await failure(dapr.publish('task-events', event, { key: 't1' }))).toMatchObject({ status: 404, code: 'ERR_PUBSUB_NOT_FOUND', away: false });
    answer(500, { errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE', message: 'broker' });
    expect(await failure(dapr.publish('task-events', event, { key: 't1' }))).toMatchObject({ status: 500 });
  });
});

describe('publishing many', () => {
  const two = [{ event, key: 't1' }, { event: { ...event, id: 'e2' }, key: 't2' }];

  it('is fine when all are', async () => {
    expect(await dapr.publishBulk('task-events', two)).toEqual([]);
    expect(sidecar.calls[0]?.headers['dapr-api-token']).toBe('dapr-token');
    expect(sidecar.log.map(({ id, key }) => [id, key])).toEqual([['e1', 't1'], ['e2', 't2']]);
  });

  it('says which failed', async () => {
    sidecar.judge = () => ({ answer: 'partial', failed: [1] });
    expect(await dapr.publishBulk('task-events', two)).toEqual([{ index: 1, error: 'scripted' }]);
  });

  it.each([
    ['a plain refusal', { errorCode: 'ERR_PUBSUB_NOT_FOUND', message: '' }],
    ['an empty list of failures', { failedEntries: [], errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE' }],
    ['entries that nobody sent', { failedEntries: [{ entryId: '9', error: 'x' }] }],
    ['nonsense', { failedEntries: [null, { entryId: '0' }] }],
  ])('after %s takes none for published', async (_, body) => {
    sidecar.judge = () => ({ answer: 'refused', status: 500, body });
    expect(await failure(dapr.publishBulk('task-events', two))).toMatchObject({ status: 500 });
  });

  it('fails when nobody answers, or not in time, or no longer wanted', async () => {
    sidecar.judge = () => ({ answer: 'reset' });
    expect(await failure(dapr.publishBulk('task-events', two))).toMatchObject({ status: 0, away: true });
    sidecar.judge = () => ({ answer: 'silence' });
    const impatient = createDapr({ port: sidecar.port, timeoutMs: 100 });
    expect(await failure(impatient.publishBulk('task-events', two))).toMatchObject({ status: 0, away: true });
    await impatient.close();
    expect(await failure(dapr.publishBulk('task-events', two, AbortSignal.timeout(50)))).toMatchObject({ status: 0 });
  });
});

describe('invoking a service', () => {
  it('sends method, JSON, headers and trace, and gives back the JSON it answered', async () => {
    answer(201, { id: 't2' });
    const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
    const got = await dapr.invoke('task-api', '/internal/occurrences', { method: 'POST', body: { a: 1 }, headers: { 'idempotency-key': 'k' }, trace });
    expect(got).toEqual({ id: 't2' });
    expect(asked()).toMatchObject([{ method: 'POST', path: '/v1.0/invoke/task-api/method/internal/occurrences', body: '{"a":1}' }]);
    expect(asked()[0]?.headers).toMatchObject({
      'idempotency-key': 'k',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'content-type': 'application/json',
      'dapr-api-token': 'dapr-token',
    });
  });

  it('gives undefined for an answer without a body', async () => {
    answer(204);
    expect(await dapr.invoke('task-api', '/x', { method: 'DELETE' })).toBeUndefined();
  });

  it('throws status and body of a refusal', async () => {
    const body = { type: 'urn:todo:problem:unprocessable-content', status: 422, errors: [{ pointer: '/due', detail: 'x' }] };
    answer(422, body);
    expect(await failure(dapr.invoke('task-api', '/x', { method: 'POST', body: {} }))).toMatchObject({ status: 422, body, away: false });
  });

  it.each([
    [500, { errorCode: 'ERR_DIRECT_INVOKE', message: 'connection refused' }, true],
    [503, undefined, true],
    [500, { status: 500 }, false],
    [404, { status: 404 }, false],
  ])('tells from a %i %j whether the other side is away: %s', async (status, body, away) => {
    answer(status, body);
    expect((await failure(dapr.invoke('task-api', '/x'))).away).toBe(away);
  });

  it('does not wait for a sidecar that is not there', async () => {
    const { port } = sidecar;
    await sidecar.stop();
    const began = performance.now();
    const nobody = createDapr({ port, timeoutMs: 8000 });
    expect(await failure(nobody.invoke('task-api', '/x'))).toMatchObject({ status: 0, away: true });
    expect(performance.now() - began).toBeLessThan(4000);
  });
});

describe('state', () => {
  it('comes with its ETag, or not at all', async () => {
    answer(200, { step: 2 }, { etag: '"abc"' });
    expect(await dapr.getState('state', 'saga/1')).toEqual({ value: { step: 2 }, etag: '"abc"' });
    expect(asked()[0]?.path).toBe('/v1.0/state/state/saga%2F1');
    answer(204);
    expect(await dapr.getState('state', 'x')).toBeUndefined();
  });

  it('is set on conditions, and says when they do not hold', async () => {
    answer(204);
    expect(await dapr.setState('state', 'k', { a: 1 }, { etag: 'abc', ttlSeconds: 60 })).toBe(true);
    expect(JSON.parse(asked()[0]?.body ?? '')).toEqual([{ key: 'k', value: { a: 1 }, etag: 'abc', options: { concurrency: 'first-write' }, metadata: { ttlInSeconds: '60' } }]);
    await dapr.setState('state', 'k', 1, { create: true });
    expect(JSON.parse(asked()[1]?.body ?? '')).toEqual([{ key: 'k', value: 1, options: { concurrency: 'first-write' } }]);
    answer(409, { errorCode: 'ERR_STATE_SAVE' });
    expect(await dapr.setState('state', 'k', 1, { etag: 'old' })).toBe(false);
    expect(await dapr.deleteState('state', 'k', { etag: 'old' })).toBe(false);
    expect(asked().at(-1)?.headers['if-match']).toBe('old');
  });

  it('throws what is wrong otherwise', async () => {
    answer(400, { errorCode: 'ERR_STATE_STORE_NOT_FOUND', message: '' });
    for (const call of [dapr.getState('state', 'k'), dapr.setState('state', 'k', 1), dapr.deleteState('state', 'k')]) {
      expect(await failure(call)).toMatchObject({ status: 400, code: 'ERR_STATE_STORE_NOT_FOUND' });
    }
  });
});

describe('a secret', () => {
  it('comes by name, and a failure does not quote it', async () => {
    answer(200, { password: 'hunter2' });
    expect(await dapr.secret('secrets', 'postgres')).toEqual({ password: 'hunter2' });
    answer(403, { errorCode: 'ERR_PERMISSION_DENIED', message: 'hunter2' });
    expect((await failure(dapr.secret('secrets', 'postgres'))).message).toBe('secret: status 403 ERR_PERMISSION_DENIED');
  });
});

describe('without a sidecar', () => {
  it('every call says so', async () => {
    const none = createDapr({ port: undefined });
    const calls = [none.publish('t', event, { key: 'k' }), none.publishBulk('t', []), none.invoke('a', '/'), none.getState('s', 'k'), none.secret('s', 'k'), none.ping()];
    for (const call of calls) expect(await failure(call)).toMatchObject({ status: 0 });
  });
});
