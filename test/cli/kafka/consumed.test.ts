import { describe, expect, test } from 'vitest';
import { Consumed } from '../../../cli/kafka/consumed.ts';
import type { RecordHeader } from '../../../cli/kafka/record-batch.ts';

function event(value: string | Buffer | null, headers: RecordHeader[] = []): Consumed {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return new Consumed('t', 0, { offset: 1, timestamp: 2, key: Buffer.from('k'), value: bytes, headers });
}

describe('a value is', () => {
  test.each([
    ['json', '{"a":1}'], ['json', '"text"'], ['json', ' null '], ['text', 'hello'], ['text', ''], ['text', '{"a":'], ['binary', Buffer.from([0xff, 0xfe])], ['tombstone', null],
  ])('%s: %j', (kind, value) => {
    expect(event(value).kind).toBe(kind);
  });
});

describe('a field', () => {
  const one = event('{"data":{"tags":["home"],"due":null,"":1},"toString":"mine"}');

  test.each([
    [['data', 'tags', '0'], 'home'], [['data', 'due'], null], [['data', ''], 1], [['data', 'none', 'deeper'], undefined], [['data', 'due', 'deeper'], undefined], [['toString'], 'mine'],
  ])('%j is %j', (path, value) => {
    expect(one.field(path)).toEqual(value);
  });

  test('is never one that every object inherits', () => {
    expect(event('{}').field(['constructor', 'name'])).toBeUndefined();
  });

  test('of something that is not JSON is not there', () => {
    expect(event('plain').field(['a'])).toBeUndefined();
  });
});

test('the type comes from the envelope, or from the header of binary mode', () => {
  expect(event('{"type":"task.created.v1"}').type).toBe('task.created.v1');
  expect(event('payload', [{ key: 'ce_type', value: Buffer.from('x.v1') }]).type).toBe('x.v1');
  expect(event('{"type":5}').type).toBeUndefined();
});

test('a kept event does not change when its frame is used again', () => {
  const frame = Buffer.from('{"a":1}');
  const kept = event(frame, [{ key: 'h', value: frame.subarray(2, 3) }]).kept();
  frame.fill(0);
  expect(kept.json).toEqual({ a: 1 });
  expect(kept.record.headers[0]?.value?.toString()).toBe('a');
});
