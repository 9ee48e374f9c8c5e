import { beforeAll, expect, it } from 'vitest';
import { pubsub, resiliency, subscription } from '../resources.ts';
import type { Received, TestApp } from '../test-app.ts';
import { call, type World } from '../world.ts';

const TOPICS = ['order', 'retry', 'exhaust', 'drop', 'missing', 'ask', 'odd', 'expire', 'garbage', 'bulk', 'bulkdead', 'patient'] as const;
type Name = (typeof TOPICS)[number];

const data = ({ json }: Received): unknown => (json as { data: unknown }).data;

/** What the app's answer means, and where an event goes that it does not want. */
export function deliveryCases(world: () => World): void {
  let app: TestApp;
  let api: string;
  let dlq: string;
  const topics = {} as Record<Name, string>;
  const path = (name: Name): string => `/events/${topics[name]}`;
  const publish = (name: Name, body: unknown, query = ''): Promise<unknown> => call(`${api}/v1.0/publish/pubsub/${topics[name]}?${query}`, { body });

  beforeAll(async () => {
    app = await world().app();
    for (const name of TOPICS) topics[name] = await world().client.newTopic(name === 'order' ? 3 : 1);
    dlq = await world().client.newTopic(1);
    const dead = { deadLetter: dlq };
    const documents = [
      // `pubsub` retries three times by Resiliency; `plain` has no policy but the component's own.
      pubsub('pubsub'),
      pubsub('plain', { consumerGroup: 'plain', backOffDuration: '200ms' }),
      resiliency(['pubsub']),
      ...(['order', 'retry', 'ask', 'odd'] as const).map((name) => subscription('orders', topics[name])),
      ...(['exhaust', 'drop', 'missing', 'expire', 'garbage'] as const).map((name) => subscription('orders', topics[name], dead)),
      subscription('orders', topics.bulk, { bulk: { count: 10, awaitMs: 500 } }),
      subscription('orders', topics.bulkdead, { bulk: { count: 10, awaitMs: 500 }, ...dead }),
      subscription('orders', topics.patient, { component: 'plain' }),
    ];
    api = (await world().start([{ appId: 'orders', podName: 'orders-0', appPort: app.port }], documents)).url;
  });

  /** Waits for the dead letter that holds `text`, as it lies on the topic. */
  const deadLetterWith = async (text: string): Promise<{ value: string; headers: Record<string, string> }> => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const record = (await world().client.read(dlq)).find(({ value }) => value?.toString().includes(text));
      if (!record) continue;
      return { value: record.value?.toString() ?? '', headers: Object.fromEntries(record.headers.map(({ key, value }) => [key, value?.toString() ?? ''])) };
    }
    throw new Error(`no dead letter with ${text}`);
  };

  it('keeps the order of each key and hands over one event of a partition at a time', async () => {
    let open = new Set<string>();
    let overlapped = false;
    app.on(path('order'), async ({ headers }) => {
      const partition = String(headers['__partition']);
      overlapped ||= open.has(partition);
      open.add(partition);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open = new Set([...open].filter((other) => other !== partition));
      return {};
    });
    const entries = Array.from({ length: 60 }, (_, n) => ({ entryId: String(n), event: n, contentType: 'application/json', metadata: { partitionKey: `key-${n % 6}` } }));
    expect((await call(`${api}/v1.0/publish/bulk/pubsub/${topics.order}`, { body: entries })).status).toBe(204);
    const received = await app.waitFor(path('order'), 60);
    const byKey = Map.groupBy(received, ({ headers }) => headers['__key']);
    expect(byKey.size).toBe(6);
    for (const [key, events] of byKey) expect({ key, order: events.map(data) }).toEqual({ key, order: [...events.map(data)].sort((a, b) => Number(a) - Number(b)) });
    expect(overlapped).toBe(false);
  });

  it('tries again by the policy until the app succeeds, before any later event', async () => {
    app.on(path('retry'), (received) => ({ status: data(received) === 'first' && app.seen(path('retry')).length < 3 ? 503 : 200 }));
    await publish('retry', 'first');
    await publish('retry', 'second');
    const received = await app.waitFor(path('retry'), 4);
    expect(received.map(data)).toEqual(['first', 'first', 'first', 'second']);
    expect((received[1]?.at ?? 0) - (received[0]?.at ?? 0)).toBeGreaterThan(90);
    expect(new Set(received.slice(0, 3).map(({ json }) => (json as { id: string }).id)).size).toBe(1);
  });

  it('gives up when the policy is exhausted: the record goes to the dead-letter topic as it was, and the next one comes', async () => {
    app.on(path('exhaust'), (received) => ({ status: data(received) === 'poison' ? 500 : 200 }));
    await publish('exhaust', 'poison', 'metadata.partitionKey=p1');
    await publish('exhaust', 'healthy');
    const received = await app.waitFor(path('exhaust'), 5);
    expect(received.map(data)).toEqual(['poison', 'poison', 'poison', 'poison', 'healthy']);
    const { value, headers } = await deadLetterWith('poison');
    expect(value).toBe(received[0]?.text);
    expect(headers).toMatchObject({ partitionKey: 'p1', __key: 'p1', __offset: '0', __partition: '0', __topic: topics.exhaust });
  });

  it('takes DROP for an answer: once, then the dead-letter topic', async () => {
    app.on(path('drop'), () => ({ headers: { 'content-type': 'application/json' }, body: '{"status":"DROP"}' }));
    await publish('drop', 'dropped-one');
    expect(JSON.parse((await deadLetterWith('dropped-one')).value)).toMatchObject({ data: 'dropped-one' });
    expect(app.seen(path('drop'))).toHaveLength(1);
  });

  it('takes 404 for a DROP', async () => {
    app.on(path('missing'), () => ({ status: 404 }));
    await publish('missing', 'unwanted-one');
    await deadLetterWith('unwanted-one');
    expect(app.seen(path('missing'))).toHaveLength(1);
  });

  it('tries again when the app says RETRY, or a status that nobody knows', async () => {
    const answers = ['{"status":"RETRY"}', '{"status":"success"}', '{"status":"SUCCESS"}'];
    app.on(path('ask'), () => ({ headers: { 'content-type': 'application/json' }, body: answers[app.seen(path('ask')).length - 1] ?? '{}' }));
    await publish('ask', 'again');
    await publish('ask', 'next');
    expect((await app.waitFor(path('ask'), 4)).map(data)).toEqual(['again', 'again', 'again', 'next']);
  });

  it.each(['', 'no json', '{}', '{"status":""}', '[]'])('takes a 2xx with %j for success', async (body) => {
    const before = app.seen(path('odd')).length;
    app.on(path('odd'), () => ({ status: 202, body }));
    await publish('odd', 1);
    await publish('odd', 2);
    expect((await app.waitFor(path('odd'), before + 2)).slice(before).map(data)).toEqual([1, 2]);
  });

  it('does not deliver what has expired', async () => {
    const expired = { id: 'late', specversion: '1.0', source: 's', type: 't', expiration: '2020-01-01T00:00:00Z', data: 'expired-one' };
    await call(`${api}/v1.0/publish/pubsub/${topics.expire}`, { body: JSON.stringify(expired), headers: { 'content-type': 'application/cloudevents+json' } });
    await publish('expire', 'in time', 'metadata.ttlInSeconds=3600');
    const [received] = await app.waitFor(path('expire'), 1);
    expect(received?.json).toMatchObject({ data: 'in time', expiration: expect.stringMatching(/Z$/) as unknown });
    await deadLetterWith('expired-one');
  });

  it('puts what is no CloudEvent onto the dead-letter topic and goes on', async () => {
    await call(`${api}/v1.0/publish/pubsub/${topics.garbage}?metadata.rawPayload=true`, { body: 'garbage, not json', headers: { 'content-type': 'text/plain' } });
    await publish('garbage', 'fine');
    expect((await app.waitFor(path('garbage'), 1)).map(data)).toEqual(['fine']);
    expect((await deadLetterWith('garbage, not json')).value).toBe('garbage, not json');
  });

  it('waits with the whole partition when there is neither policy nor dead-letter topic', async () => {
    app.on(path('patient'), () => ({ status: app.seen(path('patient')).length < 3 ? 500 : 200 }));
    await publish('patient', 'one');
    await publish('patient', 'two');
    const received = await app.waitFor(path('patient'), 4);
    expect(received.map(data)).toEqual(['one', 'one', 'one', 'two']);
    expect((received[1]?.at ?? 0) - (received[0]?.at ?? 0)).toBeGreaterThan(190);
  });

  it('hands over in bulk and sends only those again that failed', async () => {
    const say = (statuses: string[]) => ({ json }: Received) => {
      const { entries } = json as { entries: { entryId: string }[] };
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ statuses: entries.map(({ entryId }, index) => ({ entryId, status: statuses[index] })) }) };
    };
    app.on(path('bulk'), (received) => say(app.seen(path('bulk')).length === 1 ? ['SUCCESS', 'RETRY', 'SUCCESS'] : ['SUCCESS'])(received));
    const entries = ['a', 'b', 'c'].map((entryId) => ({ entryId, event: entryId, contentType: 'application/json', metadata: { partitionKey: entryId } }));
    await call(`${api}/v1.0/publish/bulk/pubsub/${topics.bulk}`, { body: entries });
    const [first, second] = await app.waitFor(path('bulk'), 2);
    expect(first?.headers['content-type']).toBe('application/json');
    expect(first?.json).toMatchObject({
      topic: topics.bulk,
      pubsubname: 'pubsub',
      type: 'com.dapr.event.sent.bulk',
      entries: [{ event: { data: 'a' }, contentType: 'application/cloudevents+json', metadata: { __key: 'a' } }, { event: { data: 'b' } }, { event: { data: 'c' } }],
    });
    expect((second?.json as { entries: { event: { data: string } }[] }).entries.map(({ event }) => event.data)).toEqual(['b']);
  });

  it('buries the entries of a bulk that the app drops or never manages', async () => {
    app.on(path('bulkdead'), ({ json }) => {
      const { entries } = json as { entries: { entryId: string; event: { data: string } }[] };
      const statuses = entries.map(({ entryId, event }) => ({ entryId, status: { 'bulk-drop': 'DROP', 'bulk-fail': 'RETRY' }[event.data] ?? 'SUCCESS' }));
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ statuses }) };
    });
    const entries = ['bulk-ok', 'bulk-drop', 'bulk-fail'].map((entryId) => ({ entryId, event: entryId, contentType: 'application/json' }));
    await call(`${api}/v1.0/publish/bulk/pubsub/${topics.bulkdead}`, { body: entries });
    await deadLetterWith('bulk-drop');
    await deadLetterWith('bulk-fail');
    expect(app.seen(path('bulkdead'))).toHaveLength(4);
    expect((await world().client.read(dlq)).some(({ value }) => value?.toString().includes('bulk-ok'))).toBe(false);
  });
}
