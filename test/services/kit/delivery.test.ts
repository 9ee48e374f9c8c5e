import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../../services/kit/delivery.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a delivery of one', () => {
  it('says where it came from, in whatever case the sidecar writes it', () => {
    for (const headers of [{ __key: 'k', __partition: '1', __offset: '0' }, { __KEY: 'k', __Partition: '1', __Offset: '0' }]) {
      expect(readDelivery('task-events', headers, bytes({ a: 1 }))).toEqual({
        bulk: false,
        deliveries: [{ body: { a: 1 }, origin: { topic: 'task-events', partition: 1, offset: 0, key: 'k' } }],
      });
    }
  });

  it.each([{}, { __partition: '', __offset: '-1' }, { __partition: '1e3', __offset: '99999999999999999' }])('knows no place from %j', (headers) => {
    expect(readDelivery('t', headers, bytes({})).deliveries[0]?.origin).toEqual({ topic: 't' });
  });

  it('is left as bytes when it is no JSON in UTF-8', () => {
    for (const raw of [Buffer.from('nonsense'), Buffer.from([0x22, 0xff, 0x22]), Buffer.alloc(0)]) expect(readDelivery('t', {}, raw).deliveries[0]?.body).toEqual(raw);
  });

  it('is a CloudEvent even when it has a field named entries', () => {
    expect(readDelivery('t', {}, bytes({ specversion: '1.0', type: 'x', entries: [] })).bulk).toBe(false);
  });
});

describe('a bulk', () => {
  it('has a delivery for each entry, each with its own place and trace', () => {
    const entries = [
      { entryId: 'x', event: { a: 1 }, metadata: { __key: 'k1', __partition: '0', __offset: '5', traceparent: 'tp' } },
      { entryId: 'y', event: 'dGV4dA==', metadata: {} },
      null,
    ];
    const read = readDelivery('t', { __key: 'of the request' }, bytes({ type: 'com.dapr.event.sent.bulk', entries }));
    expect(read).toEqual({
      bulk: true,
      deliveries: [
        { entryId: 'x', body: { a: 1 }, origin: { topic: 't', partition: 0, offset: 5, key: 'k1' }, traceparent: 'tp' },
        { entryId: 'y', body: 'dGV4dA==', origin: { topic: 't' } },
        { entryId: 'undefined', body: undefined, origin: { topic: 't' } },
      ],
    });
  });
});

it('anything at all can be read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map((text) => Buffer.from(text))), (raw) => {
      expect(readDelivery('t', {}, Buffer.from(raw)).deliveries.length).toBeGreaterThanOrEqual(0);
    }),
  );
});
