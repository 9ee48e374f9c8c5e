import { beforeAll, expect, it } from 'vitest';
import { pubsub, subscription } from '../resources.ts';
import type { TestApp } from '../test-app.ts';
import { call, type World } from '../world.ts';

const CLOUD_EVENT = { 'content-type': 'application/cloudevents+json' };

/** What goes onto a topic and what a subscriber sees of it. */
export function publishCases(world: () => World): void {
  let app: TestApp;
  let api: string;
  let topic: string;
  let wide: string;
  let raw: string;

  beforeAll(async () => {
    app = await world().app();
    topic = await world().client.newTopic(1);
    wide = await world().client.newTopic(3);
    raw = await world().client.newTopic(1);
    const documents = [
      pubsub('pubsub', { allowedTopics: `${topic},${wide},${raw},nowhere` }),
      subscription('orders', topic),
      subscription('orders', wide),
      subscription('orders', raw, { raw: true }),
    ];
    api = (await world().start([{ appId: 'orders', podName: 'orders-0', appPort: app.port }], documents)).url;
  });

  const next = async (from: string, send: () => Promise<{ status: number; text: string }>): Promise<{ event: Record<string, unknown>; headers: Record<string, unknown> }> => {
    const before = app.seen(`/events/${from}`).length;
    const answer = await send();
    expect(answer).toMatchObject({ status: 204, text: '' });
    const received = (await app.waitFor(`/events/${from}`, before + 1))[before];
    return { event: received?.json as Record<string, unknown>, headers: received?.headers ?? {} };
  };

  it('wraps JSON in a CloudEvent', async () => {
    const { event, headers } = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}`, { body: { id: 7 } }));
    expect(event).toMatchObject({
      data: { id: 7 },
      datacontenttype: 'application/json',
      pubsubname: 'pubsub',
      source: 'orders',
      specversion: '1.0',
      topic,
      type: 'com.dapr.event.sent',
      tracestate: '',
    });
    expect(event['id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(event['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
    expect(event['traceid']).toBe(event['traceparent']);
    expect(headers['content-type']).toBe('application/cloudevents+json');
  });

  it('wraps text as text, and bytes as base64', async () => {
    const text = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}`, { body: 'hello', headers: { 'content-type': 'text/plain' } }));
    expect(text.event).toMatchObject({ data: 'hello', datacontenttype: 'text/plain' });
    const bytes = await next(topic, () =>
      call(`${api}/v1.0/publish/pubsub/${topic}`, { body: new Uint8Array([0, 1, 255]), headers: { 'content-type': 'application/octet-stream' } }),
    );
    expect(bytes.event).toMatchObject({ data_base64: 'AAH/', datacontenttype: 'application/octet-stream' });
  });

  it('keeps a CloudEvent of your own and fills its gaps', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const own = { id: 'e1', specversion: '1.0', source: 'todo/task-api', type: 'task.created.v1', subject: 't1', traceparent, traceid: traceparent, partitionkey: 't1', data: { n: 12345678901234567890n.toString() } };
    const { event } = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}`, { body: JSON.stringify(own), headers: CLOUD_EVENT }));
    expect(event).toMatchObject({ ...own, topic, pubsubname: 'pubsub' });
    expect(event['time']).toBeTypeOf('string');
  });

  it('keeps the digits of a number that is longer than a double', async () => {
    const before = app.seen(`/events/${topic}`).length;
    await call(`${api}/v1.0/publish/pubsub/${topic}`, { body: '{"n":12345678901234567890,"f":1.0}', headers: { 'content-type': 'application/json' } });
    const received = (await app.waitFor(`/events/${topic}`, before + 1))[before];
    expect(received?.text).toContain('"n":12345678901234567890');
  });

  it('goes on with the trace of the publisher and gives each delivery a span of its own', async () => {
    const traceparent = '00-11112222333344445555666677778888-1111222233334444-01';
    const { event, headers } = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}`, { body: {}, headers: { traceparent } }));
    expect(event['traceparent']).toMatch(/^00-11112222333344445555666677778888-[0-9a-f]{16}-01$/);
    expect(headers['traceparent']).toMatch(/^00-11112222333344445555666677778888-[0-9a-f]{16}-01$/);
    expect(headers['traceparent']).not.toBe(event['traceparent']);
  });

  it('takes cloudevent.* metadata into its envelope', async () => {
    const query = 'metadata.cloudevent.id=own&metadata.cloudevent.type=task.created.v1&metadata.cloudevent.source=me&metadata.cloudevent.subject=t9';
    const { event } = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}?${query}`, { body: { a: 1 } }));
    expect(event).toMatchObject({ id: 'own', type: 'task.created.v1', source: 'me', subject: 't9', data: { a: 1 } });
  });

  it('delivers key, offset, partition, topic, time and all metadata as lower-case headers', async () => {
    const { headers } = await next(topic, () => call(`${api}/v1.0/publish/pubsub/${topic}?metadata.partitionKey=kéy-1&metadata.Shade=Blue`, { body: {} }));
    expect(headers).toMatchObject({ __partition: '0', __topic: topic, shade: 'Blue', pubsubname: 'pubsub' });
    expect(Buffer.from(String(headers['__key']), 'latin1').toString('utf8')).toBe('kéy-1');
    expect(Buffer.from(String(headers['partitionkey']), 'latin1').toString('utf8')).toBe('kéy-1');
    expect(Number(headers['__offset'])).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Number(headers['__timestamp']) - Date.now())).toBeLessThan(60_000);
  });

  it('puts a key where Sarama puts it: FNV-1a, not murmur2', async () => {
    const partitions: Record<string, number> = { k1: 1, b: 0, c: 2, '': 0 };
    for (const [key, expected] of Object.entries(partitions)) {
      const { headers } = await next(wide, () => call(`${api}/v1.0/publish/pubsub/${wide}?metadata.partitionKey=${key}`, { body: {} }));
      expect({ key, partition: headers['__partition'] }).toEqual({ key, partition: String(expected) });
    }
  });

  it('puts a message into the partition that partitionNumber names', async () => {
    const { headers } = await next(wide, () => call(`${api}/v1.0/publish/pubsub/${wide}?metadata.partitionNumber=2`, { body: {} }));
    expect(headers['__partition']).toBe('2');
  });

  it('writes a raw payload as it is, and wraps it for a subscriber of raw payloads', async () => {
    const { event } = await next(raw, () => call(`${api}/v1.0/publish/pubsub/${raw}?metadata.rawPayload=true`, { body: 'as it is', headers: { 'content-type': 'text/plain' } }));
    expect(event).toMatchObject({ data_base64: Buffer.from('as it is').toString('base64'), datacontenttype: 'application/octet-stream', topic: raw, type: 'com.dapr.event.sent' });
    const [record] = await world().client.read(raw);
    expect(record?.value?.toString()).toBe('as it is');
  });

  it.each(['v1.0', 'v1.0-alpha1'])('publishes in bulk by %s, each entry with its own key and content type', async (version) => {
    const before = app.seen(`/events/${wide}`).length;
    const entries = [
      { entryId: 'a', event: { id: `own-${version}`, specversion: '1.0', source: 's', type: 't', data: 1 }, contentType: 'application/cloudevents+json', metadata: { partitionKey: 'k1' } },
      { entryId: 'b', event: { n: 2 }, contentType: 'application/json', metadata: { partitionKey: 'b' } },
      { entryId: 'c', event: 'text', contentType: 'text/plain', metadata: { partitionKey: 'c' } },
    ];
    expect(await call(`${api}/${version}/publish/bulk/pubsub/${wide}`, { body: entries })).toMatchObject({ status: 204, text: '' });
    const received = (await app.waitFor(`/events/${wide}`, before + 3)).slice(before);
    const byKey = Object.fromEntries(received.map(({ headers, json }) => [String(headers['__key']), { partition: headers['__partition'], data: (json as { data: unknown }).data }]));
    expect(byKey).toEqual({ k1: { partition: '1', data: 1 }, b: { partition: '0', data: { n: 2 } }, c: { partition: '2', data: 'text' } });
  });

  it('answers what cannot be published with an error code', async () => {
    const cases: [path: string, init: Parameters<typeof call>[1], status: number, errorCode: string][] = [
      [`publish/nopubsub/${topic}`, { body: {} }, 404, 'ERR_PUBSUB_NOT_FOUND'],
      [`publish/pubsub/${topic}?metadata.rawPayload=perhaps`, { body: {} }, 400, 'ERR_PUBSUB_REQUEST_METADATA'],
      ['publish/pubsub/secret-topic', { body: {} }, 403, 'ERR_PUBSUB_FORBIDDEN'],
      [`publish/pubsub/${topic}`, { body: 'not json', headers: CLOUD_EVENT }, 500, 'ERR_PUBSUB_CLOUD_EVENTS_SER'],
      ['publish/pubsub/nowhere', { body: {} }, 500, 'ERR_PUBSUB_PUBLISH_MESSAGE'],
      [`publish/bulk/pubsub/${topic}`, { body: 'not json' }, 400, 'ERR_PUBSUB_EVENTS_SER'],
      [`publish/bulk/pubsub/${topic}`, { body: [{ event: 1, contentType: 'application/json' }] }, 400, 'ERR_PUBSUB_EVENTS_SER'],
      [`publish/bulk/pubsub/${topic}`, { body: [{ entryId: 'a', event: 1, contentType: 'text/plain' }] }, 400, 'ERR_PUBSUB_EVENTS_SER'],
      ['publish/bulk/pubsub/secret-topic', { body: [{ entryId: 'a', event: 1, contentType: 'application/json' }] }, 403, 'ERR_PUBSUB_FORBIDDEN'],
    ];
    const found = await Promise.all(cases.map(async ([path, init]) => {
      const { status, json } = await call(`${api}/v1.0/${path}`, init);
      return [path, status, (json as { errorCode?: string } | undefined)?.errorCode];
    }));
    expect(found).toEqual(cases.map(([path, , status, errorCode]) => [path, status, errorCode]));
  });

  it('explains an error in the details that Dapr promises', async () => {
    const { json, headers } = await call(`${api}/v1.0/publish/pubsub/secret-topic`, { body: {} });
    expect(headers.get('content-type')).toBe('application/json');
    const message = 'topic secret-topic is not allowed for app id orders';
    expect(json).toEqual({
      errorCode: 'ERR_PUBSUB_FORBIDDEN',
      message,
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ResourceInfo', resource_type: 'pubsub', resource_name: 'pubsub', owner: '', description: message },
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'dapr.io', reason: 'DAPR_PUBSUB_FORBIDDEN', metadata: { error: message, topic: 'secret-topic' } },
      ],
    });
    expect((await call(`${api}/v1.0/publish/none/x?metadata.a=b`, { body: {} })).json).toEqual({
      errorCode: 'ERR_PUBSUB_NOT_FOUND',
      message: 'pubsub none is not found',
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'dapr.io', reason: 'DAPR_PUBSUB_NOT_FOUND', metadata: { a: 'b' } }],
    });
  });

  it('names each entry of a bulk that failed, and publishes the others', async () => {
    const before = app.seen(`/events/${topic}`).length;
    const entries = [
      { entryId: 'good', event: { n: 1 }, contentType: 'application/json' },
      { entryId: 'huge', event: 'x'.repeat(1_200_000), contentType: 'text/plain' },
    ];
    const { status, json } = await call(`${api}/v1.0/publish/bulk/pubsub/${topic}`, { body: entries });
    expect(status).toBe(500);
    expect(json).toMatchObject({ errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE', failedEntries: [{ entryId: 'huge' }] });
    expect((await app.waitFor(`/events/${topic}`, before + 1)).slice(before).map(({ json: event }) => (event as { data: unknown }).data)).toEqual([{ n: 1 }]);
  });
}
