import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import { memoryAttempts, type Attempts } from '../../../services/kit/attempts.ts';
import { Away, consume, consumeMetrics, Poison, type Delivery } from '../../../services/kit/consume.ts';
import { createDapr, type Dapr } from '../../../services/kit/dapr.ts';
import { DaprError } from '../../../services/kit/dapr-error.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { serveForTest, type TestServer } from './http/client-support.ts';
import { startScriptedSidecar, type ScriptedSidecar } from './scripted-sidecar.ts';

type Handle = (event: CloudEvent<string, { n: number }>, delivery: Delivery) => Promise<void>;
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let sidecar: ScriptedSidecar;
let dapr: Dapr;
let server: TestServer;
let metrics: Metrics;
let attempts: Attempts;
let handle: Handle;
let handled: { event: CloudEvent<string, { n: number }>; delivery: Delivery }[];

beforeEach(async () => {
  sidecar = await startScriptedSidecar();
  dapr = createDapr({ port: sidecar.port, timeoutMs: 500 });
  metrics = new Metrics();
  attempts = memoryAttempts();
  handled = [];
  handle = () => Promise.resolve();
  const route = consume<{ n: number }>({
    topic: 'task-events',
    consumer: 'audit',
    types: { 'task.created.v1': z.object({ n: z.number() }) },
    async handle(event, delivery) {
      handled.push({ event, delivery });
      await handle(event, delivery);
    },
    attempts: { failed: (id) => attempts.failed(id), settled: (id) => attempts.settled(id) },
    maxAttempts: 3,
    dapr,
    measures: consumeMetrics(metrics),
  });
  server = await serveForTest([route]);
});
afterEach(async () => {
  await server.close(0);
  await dapr.close();
  await sidecar.stop();
});

function event(n: unknown = 1, more: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: 'event-1',
    source: 'todo/task-api',
    type: 'task.created.v1',
    subject: 'task-1',
    time: '2026-11-21T10:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: 'task-1',
    data: { n },
    ...more,
  };
}
const BROKER = { __key: 'task-1', __partition: '2', __offset: '41', __topic: 'task-events' };

async function deliver(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${server.url}/events/task-events`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app-token', ...BROKER, ...headers },
  });
  return { status: response.status, answer: await response.json() };
}
const SUCCESS = { status: 200, answer: { status: 'SUCCESS' } };
const RETRY = { status: 200, answer: { status: 'RETRY' } };

describe('a delivery', () => {
  it('reaches its handler with the whole event, where it came from, and the trace of the delivery', async () => {
    expect(await deliver({ ...event(), traceparent: '00-11111111111111111111111111111111-2222222222222222-01', topic: 'task-events' }, { traceparent: PARENT })).toEqual(SUCCESS);
    expect(handled).toHaveLength(1);
    expect(handled[0]?.event).toMatchObject({ id: 'event-1', type: 'task.created.v1', subject: 'task-1', data: { n: 1 } });
    expect(handled[0]?.delivery.origin).toEqual({ topic: 'task-events', partition: 2, offset: 41, key: 'task-1' });
    expect(handled[0]?.delivery.trace.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it("has the event's own trace when the sidecar's is switched off", async () => {
    await deliver(event(1, { traceparent: PARENT }), { traceparent: '00-00000000000000000000000000000000-0000000000000000-00' });
    expect(handled[0]?.delivery.trace.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('of a type that nobody here handles is acknowledged unread', async () => {
    expect(await deliver(event(1, { type: 'task.deleted.v1' }))).toEqual(SUCCESS);
    expect(await deliver(event(1, { type: 'constructor' }))).toEqual(SUCCESS);
    expect(handled).toEqual([]);
    expect(sidecar.log).toEqual([]);
  });

  it("of any type reaches a consumer that takes all, by the schema for '*'", async () => {
    const seen: unknown[] = [];
    const all = consume({
      topic: 'task-events',
      consumer: 'audit',
      types: { '*': z.unknown() },
      handle: async ({ type, data }) => void seen.push([type, data]),
      attempts,
      dapr,
      measures: consumeMetrics(new Metrics()),
    });
    await server.close(0);
    server = await serveForTest([all]);
    expect(await deliver(event('anything', { type: 'task.invented.v7' }))).toEqual(SUCCESS);
    expect(seen).toEqual([['task.invented.v7', { n: 'anything' }]]);
  });

  it('is taken from Dapr only', async () => {
    expect((await deliver(event(), { 'dapr-api-token': 'guessed' })).status).toBe(401);
    expect(handled).toEqual([]);
  });
});

describe('an event that can never be handled', () => {
  it.each([
    ['no JSON', 'not json', 'invalid'],
    ['no CloudEvent', { hello: 'world' }, 'invalid'],
    ['JSON, but a list', [1], 'invalid'],
    ['an event whose data do not fit', event('one'), 'invalid'],
  ])('(%s) is a dead letter at once and acknowledged', async (_, body, reason) => {
    expect(await deliver(body)).toEqual(SUCCESS);
    expect(handled).toEqual([]);
    expect(sidecar.log).toHaveLength(1);
    expect(sidecar.log[0]).toMatchObject({ topic: 'task-events.dlq', key: 'task-1', event: { type: 'todo.dead-letter.v1', data: { reason, attempts: 1 } } });
  });

  it('tells in its dead letter why, how often, whose, from where, and what', async () => {
    handle = () => Promise.reject(new Poison('the task is of another planet'));
    expect(await deliver(event(), { traceparent: PARENT })).toEqual(SUCCESS);
    const [letter] = sidecar.log;
    expect(letter?.event).toMatchObject({ source: 'todo/audit', subject: 'task-1', partitionkey: 'task-1', traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c') as string });
    expect(letter?.event['data']).toEqual({
      reason: 'poison',
      detail: 'Poison: the task is of another planet',
      attempts: 1,
      consumer: 'audit',
      origin: { topic: 'task-events', partition: 2, offset: 41, key: 'task-1' },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      dead_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      event: event(),
    });
    expect(await metrics.text()).toContain('dead_letters_total{topic="task-events",reason="poison"} 1');
  });

  it('keeps its bytes when it was no JSON', async () => {
    await deliver('\u0001 not json');
    const { bytes } = sidecar.log[0]?.event['data'] as { bytes: string };
    expect(Buffer.from(bytes, 'base64').toString()).toBe('\u0001 not json');
  });

  it('is not acknowledged while its dead letter cannot be published; and the letter has the same id at each try', async () => {
    handle = () => Promise.reject(new Poison('no'));
    sidecar.judge = () => ({ answer: 'lost' });
    expect(await deliver(event())).toEqual(RETRY);
    sidecar.judge = () => ({ answer: 'partial', failed: [0] });
    expect(await deliver(event())).toEqual(RETRY);
    sidecar.judge = () => ({ answer: 'fine' });
    expect(await deliver(event())).toEqual(SUCCESS);
    expect(sidecar.log).toHaveLength(2);
    expect(new Set(sidecar.log.map(({ id }) => id)).size).toBe(1);
    expect(sidecar.log[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a handler that fails', () => {
  it('gets the event again, and after its last try the dead letters get it', async () => {
    handle = () => Promise.reject(new TypeError('a bug'));
    expect(await deliver(event())).toEqual(RETRY);
    expect(await deliver(event())).toEqual(RETRY);
    expect(sidecar.log).toEqual([]);
    expect(await deliver(event())).toEqual(SUCCESS);
    expect(sidecar.log[0]?.event['data']).toMatchObject({ reason: 'exhausted', attempts: 3, detail: 'TypeError: a bug' });
    // Replayed from the dead letters it has all its tries again.
    expect(await deliver(event())).toEqual(RETRY);
  });

  it('counts each event for itself, and forgets after a success', async () => {
    handle = () => Promise.reject(new Error('no'));
    for (let n = 0; n < 2; n += 1) {
      await deliver(event(1, { id: 'a' }));
      await deliver(event(1, { id: 'b' }));
    }
    handle = () => Promise.resolve();
    expect(await deliver(event(1, { id: 'a' }))).toEqual(SUCCESS);
    handle = () => Promise.reject(new Error('no'));
    expect(await deliver(event(1, { id: 'a' }))).toEqual(RETRY);
    expect(await deliver(event(1, { id: 'b' }))).toEqual(SUCCESS);
    expect(sidecar.log).toHaveLength(1);
  });

  it.each([
    ['it says so', () => new Away('no mail server')],
    ['the sidecar is away', () => new DaprError('invoke', 0, undefined)],
    ['the service it invokes is away', () => new DaprError('invoke', 500, { errorCode: 'ERR_DIRECT_INVOKE' })],
    ['the database is away', () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['the database is going down', () => Object.assign(new Error('terminating'), { code: '57P01', severity: 'FATAL' })],
  ])('because something is away (%s) may fail for as long as that takes', async (_, error) => {
    handle = () => Promise.reject(error());
    for (let n = 0; n < 10; n += 1) expect(await deliver(event())).toEqual(RETRY);
    expect(sidecar.log).toEqual([]);
    handle = () => Promise.resolve();
    expect(await deliver(event())).toEqual(SUCCESS);
  });

  it('gets the event again when its tries cannot be counted', async () => {
    handle = () => Promise.reject(new Error('no'));
    attempts = { failed: () => Promise.reject(new Error('database away')), settled: () => Promise.resolve() };
    for (let n = 0; n < 5; n += 1) expect(await deliver(event())).toEqual(RETRY);
    expect(sidecar.log).toEqual([]);
  });
});

describe('a bulk', () => {
  const bulk = (...entries: { entryId: string; event: unknown; metadata?: Record<string, string> }[]) => ({
    id: 'b',
    type: 'com.dapr.event.sent.bulk',
    topic: 'task-events',
    pubsubname: 'pubsub',
    entries: entries.map((entry) => ({ contentType: 'application/cloudevents+json', metadata: { __key: 'task-1', __partition: '0', __offset: '7', ...entry.metadata }, ...entry })),
  });

  it('is handled in order, with a status for each entry', async () => {
    const { answer } = await deliver(bulk({ entryId: '1', event: event(1, { id: 'a' }) }, { entryId: '2', event: event(2, { id: 'b' }) }), { 'content-type': 'application/json' });
    expect(answer).toEqual({ statuses: [{ entryId: '1', status: 'SUCCESS' }, { entryId: '2', status: 'SUCCESS' }] });
    expect(handled.map(({ event: { data }, delivery }) => [data.n, delivery.origin.offset])).toEqual([[1, 7], [2, 7]]);
  });

  it('with a failure does not let a later event of that key go first', async () => {
    handle = ({ data }) => (data.n === 1 ? Promise.reject(new Error('no')) : Promise.resolve());
    const other = { __key: 'task-2' };
    const { answer } = await deliver(
      bulk(
        { entryId: '1', event: event(1, { id: 'a' }) },
        { entryId: '2', event: event(2, { id: 'b' }) },
        { entryId: '3', event: event(3, { id: 'c', partitionkey: 'task-2' }), metadata: other },
      ),
    );
    expect(answer).toEqual({ statuses: [{ entryId: '1', status: 'RETRY' }, { entryId: '2', status: 'RETRY' }, { entryId: '3', status: 'SUCCESS' }] });
    expect(handled.map(({ event: { data } }) => data.n)).toEqual([1, 3]);
  });

  it('with something unreadable in it makes a dead letter of that entry only', async () => {
    const { answer } = await deliver(bulk({ entryId: '1', event: 'bm90IGpzb24=' }, { entryId: '2', event: event(2) }));
    expect(answer).toEqual({ statuses: [{ entryId: '1', status: 'SUCCESS' }, { entryId: '2', status: 'SUCCESS' }] });
    expect(sidecar.log).toHaveLength(1);
    expect(handled).toHaveLength(1);
  });

  it('may be empty', async () => {
    expect((await deliver(bulk())).answer).toEqual({ statuses: [] });
  });
});

describe('its metrics', () => {
  it('count outcomes by type, and a type that anyone may invent is no label', async () => {
    await deliver(event());
    await deliver(event(1, { type: 'invented.by.a.stranger' }));
    await deliver('nonsense');
    const told = await metrics.text();
    expect(told).toContain('events_handled_total{topic="task-events",type="task.created.v1",outcome="handled"} 1');
    expect(told).toContain('events_handled_total{topic="task-events",type="other",outcome="ignored"} 1');
    expect(told).toContain('events_handled_total{topic="task-events",type="invalid",outcome="dead"} 1');
    expect(told).toContain('event_handler_duration_seconds_count{topic="task-events",type="task.created.v1"} 1');
    expect(told).not.toContain('stranger');
  });
});
