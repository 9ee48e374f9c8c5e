import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloudEvent, fromRawPayload, hasExpired, rfc3339, type Published } from '../../../../cli/sidecar/pubsub/cloud-event.ts';
import { jsonValues } from '../../../support/json-values.ts';

const NOW = Date.parse('2026-11-21T10:00:00.500Z');
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const publish = (contentType: string, data: string | Buffer, metadata: Record<string, string> = {}): Record<string, unknown> => {
  const published: Published = { appId: 'task-api', pubsub: 'pubsub', topic: 'task-events', contentType, data: Buffer.from(data), traceparent: TRACE, metadata };
  return cloudEvent(published, NOW);
};
const keep = (event: unknown, metadata = {}): Record<string, unknown> => publish('application/cloudevents+json', JSON.stringify(event), metadata);

describe('the envelope around data', () => {
  it('is daprd\'s', () => {
    const { id, ...rest } = publish('application/json', '{"n":1}');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest).toEqual({
      data: { n: 1 },
      datacontenttype: 'application/json',
      pubsubname: 'pubsub',
      source: 'task-api',
      specversion: '1.0',
      time: '2026-11-21T10:00:00Z',
      topic: 'task-events',
      traceid: TRACE,
      traceparent: TRACE,
      tracestate: '',
      type: 'com.dapr.event.sent',
    });
  });

  it.each([
    ['application/json; charset=utf-8', '[1]', { data: [1] }],
    ['application/json', 'not json', { data: 'not json' }],
    ['', 'hello', { data: 'hello', datacontenttype: 'text/plain' }],
    ['application/vnd.own+json', '{"a":1}', { data: '{"a":1}' }],
    ['application/octet-stream', Buffer.from([0, 255]), { data_base64: 'AP8=' }],
  ])('takes %j by its content type', (contentType, data, expected) => {
    expect(publish(contentType, data)).toMatchObject(expected);
  });

  it('is overridden by cloudevent.* metadata, in any case, but not in what belongs to daprd', () => {
    const event = publish('application/json', '1', {
      'cloudevent.id': 'own', 'CloudEvent.Type': 'task.created.v1', 'cloudevent.subject': 't1', 'cloudevent.traceid': 'given', 'cloudevent.topic': 'elsewhere',
    });
    expect(event).toMatchObject({ id: 'own', type: 'task.created.v1', subject: 't1', traceid: 'given', traceparent: 'given', topic: 'task-events' });
  });
});

describe('an event of your own', () => {
  it('keeps all that it has', () => {
    const own = { id: 'e1', specversion: '1.0', source: 'todo/task-api', type: 'task.created.v1', time: '2020-01-01T00:00:00Z', traceid: TRACE, traceparent: TRACE, tracestate: 'a=b', partitionkey: 't1', data: { deep: [1] } };
    expect(keep(own)).toEqual({ ...own, topic: 'task-events', pubsubname: 'pubsub' });
  });

  it('is always on the topic that it is published to', () => {
    expect(keep({ id: 'e1', topic: 'another', pubsubname: 'another' })).toMatchObject({ topic: 'task-events', pubsubname: 'pubsub' });
  });

  it('has its gaps filled', () => {
    expect(keep({ id: 'e1' })).toEqual({
      id: 'e1', pubsubname: 'pubsub', source: 'Dapr', specversion: '1.0', time: '2026-11-21T10:00:00Z', topic: 'task-events', traceid: TRACE, traceparent: TRACE, tracestate: '', type: 'com.dapr.event.sent',
    });
  });

  it.each(['not json', '"text"', '[]', 'null'])('cannot be %s', (data) => {
    expect(() => publish('application/cloudevents+json', data)).toThrow(SyntaxError);
  });

  it('goes through unharmed, whatever its data', () => {
    fc.assert(fc.property(jsonValues(), (data) => {
      expect(JSON.stringify(keep({ id: 'e1', data })['data'])).toBe(JSON.stringify(data));
    }));
  });
});

describe('time to live', () => {
  it.each([
    [{ ttlInSeconds: '60' }, '2026-11-21T10:01:00Z'],
    [{ TTLinSECONDS: '60' }, '2026-11-21T10:01:00Z'],
    [{ ttl: '1h' }, '2026-11-21T11:00:00Z'],
    [{ ttlInSeconds: '0' }, undefined],
    [{ ttlInSeconds: 'soon' }, undefined],
    [{}, undefined],
  ])('of %j ends at %s', (metadata, expiration) => {
    expect(publish('application/json', '1', metadata as Record<string, string>)['expiration']).toBe(expiration);
    expect(keep({ id: 'e1' }, metadata)['expiration']).toBe(expiration);
  });

  it('is over when the expiration lies in the past', () => {
    expect(hasExpired({ expiration: rfc3339(NOW - 1000) }, NOW)).toBe(true);
    expect(hasExpired({ expiration: rfc3339(NOW + 1000) }, NOW)).toBe(false);
    expect(hasExpired({ expiration: 'never' }, NOW)).toBe(false);
    expect(hasExpired({}, NOW)).toBe(false);
  });
});

it('wraps a raw payload as bytes, because nobody knows what it is', () => {
  expect(fromRawPayload(Buffer.from('{"a":1}'), 'task-events', 'pubsub')).toMatchObject({ data_base64: 'eyJhIjoxfQ==', datacontenttype: 'application/octet-stream', source: 'Dapr' });
});
