import { beforeEach, describe, expect, it } from 'vitest';
import type { AppClient, AppReply, AppRequest } from '../../../../cli/sidecar/app/app-client.ts';
import type { KafkaRecord } from '../../../../cli/kafka/record-batch.ts';
import type { Claim } from '../../../../cli/sidecar/kafka/session.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import type { Publisher } from '../../../../cli/sidecar/pubsub/publisher.ts';
import { consumeClaim, type SubscriberOptions } from '../../../../cli/sidecar/pubsub/subscriber.ts';
import type { Retry } from '../../../../cli/sidecar/resources/resiliency.ts';
import type { Subscription } from '../../../../cli/sidecar/resources/subscription.ts';

// An app, a claim and a publisher made of arrays: what happens to each record stands in them afterwards.
const SINGLE: Subscription = { name: 's', pubsub: 'pubsub', topic: 't', path: '/events/t', deadLetterTopic: 't.dlq', rawPayload: false, bulk: undefined };
const BULK: Subscription = { ...SINGLE, bulk: { maxMessages: 10, maxAwaitMs: 1 } };
const TWICE: Retry = { policy: 'constant', durationMs: 1, maxIntervalMs: 1, maxRetries: 2, statuses: undefined };

interface Run {
  posted: AppRequest[];
  marked: number[];
  buried: { topic: string; value: string; metadata: Readonly<Record<string, string>> }[];
  logged: string[];
}
let run: Run;
beforeEach(() => {
  run = { posted: [], marked: [], buried: [], logged: [] };
});

function record(offset: number, value: unknown, headers: Record<string, string> = {}): KafkaRecord {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { offset, timestamp: 1000, key: Buffer.from('k'), value: value === null ? null : Buffer.from(text), headers: Object.entries(headers).map(([key, header]) => ({ key, value: Buffer.from(header) })) };
}

const event = (id: string): object => ({ id, specversion: '1.0', source: 's', type: 't', data: id });

/** Consumes the records and ends the claim when they are used up. */
async function consume(records: KafkaRecord[], subscription: Subscription, answer: (request: AppRequest, nth: number) => Partial<AppReply> & { body?: Buffer }, rest: Partial<SubscriberOptions> & { dlqFails?: boolean } = {}): Promise<void> {
  const ended = new AbortController();
  const left = [...records];
  const claim: Claim = {
    topic: 't',
    partition: 3,
    stop: ended.signal,
    mark: ({ offset }) => run.marked.push(offset),
    take: async (max) => {
      const taken = left.splice(0, max);
      if (taken.length === 0) ended.abort();
      return taken;
    },
  };
  const app = {
    send: async (request: AppRequest) => {
      run.posted.push(request);
      return { status: 200, body: Buffer.alloc(0), ...answer(request, run.posted.length) };
    },
  } as unknown as AppClient;
  const publisher = {
    publish: async (_pubsub: string, topic: string, { value, metadata }: { value: Buffer; metadata: Record<string, string> }) => {
      if (rest.dlqFails) throw new Error('no broker');
      run.buried.push({ topic, value: value.toString(), metadata });
    },
  } as unknown as Publisher;
  const clock = { now: () => 5000, wait: async (_ms: number, stop?: AbortSignal) => stop?.throwIfAborted() };
  await consumeClaim(claim, subscription, { app, publisher, inbound: {}, consumeRetry: undefined, tracing: true, clock, log: jsonLog({ name: 'sidecar', level: 'warn', write: (line) => run.logged.push(line) }), ...rest });
}

const bodyOf = (request: AppRequest | undefined): unknown => JSON.parse((request?.body as Buffer).toString());
const statuses = (request: AppRequest, verdict: (id: string) => string | undefined): { body: Buffer } => {
  const { entries } = bodyOf(request) as { entries: { entryId: string; event: { id: string } }[] };
  return { body: Buffer.from(JSON.stringify({ statuses: entries.flatMap(({ entryId, event: { id } }) => (verdict(id) === undefined ? [] : [{ entryId, status: verdict(id) }])) })) };
};

describe('one record at a time', () => {
  it('is posted and marked, in order', async () => {
    await consume([record(1, event('a')), record(2, event('b'))], SINGLE, () => ({}));
    expect(run.posted.map((request) => (bodyOf(request) as { id: string }).id)).toEqual(['a', 'b']);
    expect(run.marked).toEqual([1, 2]);
  });

  it('carries where it came from, and lets a record\'s own header win', async () => {
    await consume([record(7, event('a'), { __topic: 'original', shade: 'blue' })], SINGLE, () => ({}));
    expect(run.posted[0]?.headers).toMatchObject({ __offset: '7', __partition: '3', __timestamp: '1000', __key: 'k', __topic: 'original', shade: 'blue', pubsubname: 'pubsub' });
  });

  it('takes the trace of an event that has none from the record\'s headers', async () => {
    await consume([record(1, event('a'), { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })], SINGLE, () => ({}));
    expect(run.posted[0]?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
  });

  it('goes to the dead letters after its last attempt, with all that it came with', async () => {
    await consume([record(1, event('a'), { shade: 'blue' }), record(2, event('b'))], SINGLE, (request) => ({ status: (bodyOf(request) as { id: string }).id === 'a' ? 500 : 200 }), { inbound: { retry: TWICE } });
    expect(run.posted).toHaveLength(4);
    expect(run.buried).toEqual([{ topic: 't.dlq', value: JSON.stringify(event('a')), metadata: { __key: 'k', __offset: '1', __topic: 't', __timestamp: '1000', __partition: '3', shade: 'blue', pubsubName: 'pubsub' } }]);
    expect(run.marked).toEqual([1, 2]);
  });

  it('goes there after its first failure where no policy retries', async () => {
    await consume([record(1, event('a'))], SINGLE, () => ({ status: 503 }));
    expect([run.posted.length, run.buried.length, run.marked]).toEqual([1, 1, [1]]);
  });

  it.each([['a tombstone', null], ['text', 'not json'], ['a number', '5']])('that is %s goes there unseen', async (_what, value) => {
    await consume([record(1, value), record(2, event('b'))], SINGLE, () => ({}));
    expect(run.posted).toHaveLength(1);
    expect(run.buried[0]?.value).toBe(value ?? '');
    expect(run.marked).toEqual([1, 2]);
  });

  it('that is dropped goes there, too, and nowhere when there is no such topic', async () => {
    const dropped = { body: Buffer.from('{"status":"DROP"}') };
    await consume([record(1, event('a'))], SINGLE, () => dropped);
    await consume([record(2, event('b'))], { ...SINGLE, deadLetterTopic: undefined }, () => dropped);
    expect(run.buried.map(({ value }) => (JSON.parse(value) as { id: string }).id)).toEqual(['a']);
    expect(run.marked).toEqual([1, 2]);
  });

  it('is tried again by the component when even the dead letters fail, and passed over when that ends', async () => {
    await consume([record(1, event('a')), record(2, event('b'))], SINGLE, (request) => ({ status: (bodyOf(request) as { id: string }).id === 'a' ? 500 : 200 }), { dlqFails: true, consumeRetry: TWICE });
    expect(run.posted.map((request) => (bodyOf(request) as { id: string }).id)).toEqual(['a', 'a', 'a', 'b']);
    expect(run.marked).toEqual([2]);
    expect(run.logged.join('')).toContain('passing over t/3/1');
  });

  it('is left alone when the claim ends before it is decided', async () => {
    const ending = new AbortController();
    const claim: Claim = { topic: 't', partition: 0, stop: ending.signal, mark: ({ offset }) => run.marked.push(offset), take: async () => [record(1, event('a'))] };
    const app = { send: async () => (ending.abort(), { status: 500, body: Buffer.alloc(0) }) } as unknown as AppClient;
    const publisher = { publish: async () => void run.buried.push({ topic: '', value: '', metadata: {} }) } as unknown as Publisher;
    const clock = { now: () => 0, wait: async (_ms: number, stop?: AbortSignal) => stop?.throwIfAborted() };
    await consumeClaim(claim, SINGLE, { app, publisher, inbound: { retry: TWICE }, consumeRetry: TWICE, tracing: false, clock, log: jsonLog({ name: 'sidecar', level: 'warn', write: (line) => run.logged.push(line) }) });
    expect([run.marked, run.buried, run.logged]).toEqual([[], [], []]);
  });
});

describe('many records at once', () => {
  it('are one request and one mark', async () => {
    await consume([record(1, event('a')), record(2, event('b'))], BULK, (request) => statuses(request, () => 'SUCCESS'));
    expect(run.posted).toHaveLength(1);
    expect(bodyOf(run.posted[0])).toMatchObject({ topic: 't', pubsubname: 'pubsub', entries: [{ entryId: '0', event: { id: 'a' }, metadata: { __offset: '1' } }, { entryId: '1', event: { id: 'b' } }] });
    expect(run.marked).toEqual([2]);
  });

  it('are asked for again only where they failed, were forgotten or are not understood', async () => {
    const ids = ['ok', 'retry', 'forgotten', 'odd'];
    const first: Record<string, string | undefined> = { ok: 'SUCCESS', retry: 'RETRY', odd: 'perhaps' };
    await consume(ids.map((id, index) => record(index, event(id))), BULK, (request, nth) => statuses(request, (id) => (nth === 1 ? first[id] : 'SUCCESS')), { inbound: { retry: TWICE } });
    expect((bodyOf(run.posted[1]) as { entries: { event: { id: string } }[] }).entries.map(({ event: { id } }) => id)).toEqual(['retry', 'forgotten', 'odd']);
    expect(run.marked).toEqual([3]);
  });

  it('go to the dead letters one by one, and the rest is done', async () => {
    await consume(['ok', 'drop', 'fail'].map((id, index) => record(index, event(id))), BULK, (request) => statuses(request, (id) => ({ drop: 'DROP', fail: 'RETRY' })[id] ?? 'SUCCESS'));
    expect(run.buried.map(({ value }) => (JSON.parse(value) as { id: string }).id)).toEqual(['drop', 'fail']);
    expect(run.marked).toEqual([2]);
  });

  it('that are no events go there while the others are delivered', async () => {
    await consume([record(1, 'garbage'), record(2, event('b')), record(3, { ...event('c'), expiration: '1970-01-01T00:00:01Z' })], BULK, (request) => statuses(request, () => 'SUCCESS'));
    expect((bodyOf(run.posted[0]) as { entries: unknown[] }).entries).toHaveLength(1);
    expect(run.buried).toHaveLength(2);
    expect(run.marked).toEqual([3]);
  });

  it('that are all garbage make no request', async () => {
    await consume([record(1, 'garbage')], BULK, () => ({}));
    expect([run.posted.length, run.buried.length, run.marked]).toEqual([0, 1, [1]]);
  });

  it('without a dead-letter topic are marked up to the first failure and then tried again as a whole', async () => {
    await consume(['a', 'b', 'c'].map((id, index) => record(index, event(id))), { ...BULK, deadLetterTopic: undefined }, (request, nth) => statuses(request, (id) => (nth === 1 && id === 'b' ? 'RETRY' : 'SUCCESS')), { consumeRetry: TWICE });
    expect(run.posted).toHaveLength(2);
    expect((bodyOf(run.posted[1]) as { entries: unknown[] }).entries).toHaveLength(3);
    expect(run.marked).toEqual([0, 2]);
  });

  it.each([[{ status: 404 }, 1, 0], [{ status: 500 }, 1, 2], [{ body: Buffer.from('not json') }, 1, 2]])('answered by %j are one request and leave %i mark and %i dead letters', async (reply, marks, buried) => {
    await consume([record(1, event('a')), record(2, event('b'))], BULK, () => reply);
    expect([run.posted.length, run.marked.length, run.buried.length]).toEqual([1, marks, buried]);
  });

  it('are bytes for a subscriber of raw payloads', async () => {
    await consume([record(1, 'as it is')], { ...BULK, rawPayload: true }, (request) => {
      const { entries } = bodyOf(request) as { entries: { entryId: string }[] };
      return { body: Buffer.from(JSON.stringify({ statuses: entries.map(({ entryId }) => ({ entryId, status: 'SUCCESS' })) })) };
    });
    expect(bodyOf(run.posted[0])).toMatchObject({ entries: [{ event: Buffer.from('as it is').toString('base64'), contentType: 'application/octet-stream' }] });
  });
});
