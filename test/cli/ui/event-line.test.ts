import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Consumed } from '../../../cli/kafka/consumed.ts';
import type { RecordHeader } from '../../../cli/kafka/record-batch.ts';
import { jsonFormat, prettyFormat } from '../../../cli/ui/event-line.ts';
import { jsonValues } from '../../support/json-values.ts';

const AT = new Date(2026, 10, 21, 10, 3, 31, 42).getTime();

interface Given {
  key?: string | Buffer | null;
  value?: string | Buffer | null;
  headers?: Record<string, string | Buffer | null>;
  timestamp?: number;
}

function event({ key = 'k1', value = '{"a":1}', headers = {}, timestamp = AT }: Given): Consumed {
  const bytes = (given: string | Buffer | null): Buffer | null => (typeof given === 'string' ? Buffer.from(given) : given);
  const all: RecordHeader[] = Object.entries(headers).map(([name, content]) => ({ key: name, value: bytes(content) }));
  return new Consumed('task-events', 1, { offset: 42, timestamp, key: bytes(key), value: bytes(value), headers: all });
}

const created = JSON.stringify({
  specversion: '1.0', id: 'e1', source: 'todo/task-api', type: 'task.created.v1', subject: 't1', time: 'x', datacontenttype: 'application/json', partitionkey: 't1',
  traceparent: '00-1', data: { title: 'buy milk' }, attempts: 3,
});

describe('pretty', () => {
  const pretty = prettyFormat({ colour: false });

  test.each([
    ['a CloudEvent: its type and data, without the envelope', { value: created }, '2026-11-21 10:03:31.042  task-events/1@42  task.created.v1  k1  {"title":"buy milk"} attempts=3'],
    ['other JSON: all of it', { value: '{ "a": 1 }' }, '2026-11-21 10:03:31.042  task-events/1@42  k1  {"a":1}'],
    ['text', { value: 'hello' }, '2026-11-21 10:03:31.042  task-events/1@42  k1  hello'],
    ['binary', { value: Buffer.from([0xff, 0x00]) }, '2026-11-21 10:03:31.042  task-events/1@42  k1  base64 /wA='],
    ['a tombstone', { value: null }, '2026-11-21 10:03:31.042  task-events/1@42  k1  (tombstone)'],
    ['no key', { key: null }, '2026-11-21 10:03:31.042  task-events/1@42  {"a":1}'],
    ['a binary key', { key: Buffer.from([0xff]) }, '2026-11-21 10:03:31.042  task-events/1@42  base64:/w==  {"a":1}'],
    ['no time', { timestamp: -1 }, '(no time)  task-events/1@42  k1  {"a":1}'],
    ['headers, but not those that say the key and the trace again', { headers: { reason: 'timeout', partitionKey: 'k1', traceparent: '00', empty: null } }, '2026-11-21 10:03:31.042  task-events/1@42  k1  {"a":1}  reason: timeout  empty: (null)'],
    ['an event without data', { value: '{"specversion":"1.0","type":"x.v1"}' }, '2026-11-21 10:03:31.042  task-events/1@42  x.v1  k1  '],
  ])('%s', (_, given, line) => {
    expect(pretty(event(given))).toBe(line);
  });

  test('is one line whatever is in it, and moves no cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
        for (const given of [value, JSON.stringify(value), JSON.stringify({ specversion: '1.0', type: value, data: value })]) {
          const line = pretty(event({ key, value: given, headers: { [key]: value } }));
          expect(/[\p{Cc}\p{Cf}]/u.test(line.replaceAll(/[\u200c\u200d]/g, ''))).toBe(false);
        }
      }),
    );
  });

  test('an escape sequence is shown, an emoji family stays one', () => {
    expect(pretty(event({ value: '\u001b[2Jgone' }))).toContain('\\u001b[2Jgone');
    expect(pretty(event({ value: '👨‍👩‍👧' }))).toContain('👨‍👩‍👧');
  });

  test('colours what is of the frame and leaves the data alone', () => {
    const line = prettyFormat({ colour: true })(event({ value: created }));
    expect(line).toContain('\u001b[36mtask.created.v1\u001b[39m');
    expect(line).toContain('  {"title":"buy milk"}');
  });
});

describe('json', () => {
  const json = (given: Given): unknown => JSON.parse(jsonFormat(event(given)));

  test('says all there is', () => {
    expect(json({ value: '{"a":1}', headers: { reason: 'timeout' }, timestamp: 0 })).toEqual({
      topic: 'task-events', partition: 1, offset: 42, timestamp: '1970-01-01T00:00:00.000Z', key: 'k1', headers: { reason: 'timeout' }, kind: 'json', value: { a: 1 },
    });
  });

  test.each([
    ['text', 'hello', 'text', 'hello'],
    ['a JSON string, which is not the same as text', '"hello"', 'json', 'hello'],
    ['binary', Buffer.from([0xff, 0x00]), 'binary', { base64: '/wA=' }],
    ['a tombstone', null, 'tombstone', null],
    ['JSON null, which is not the same as a tombstone', 'null', 'json', null],
  ])('%s', (_, value, kind, expected) => {
    expect(json({ value })).toMatchObject({ kind, value: expected });
  });

  test('has nulls for what is not there', () => {
    expect(json({ key: null, timestamp: -1, headers: { a: null } })).toMatchObject({ key: null, timestamp: null, headers: { a: null } });
  });

  test('passes large numbers on digit by digit', () => {
    expect(jsonFormat(event({ value: '{"id":12345678901234567890, "x":1.10}' }))).toContain('"value":{"id":12345678901234567890, "x":1.10}}');
  });

  test('a header that is there twice is a list', () => {
    const twice = event({});
    const headers = [{ key: 'a', value: Buffer.from('1') }, { key: 'a', value: Buffer.from([0xff]) }];
    expect(JSON.parse(jsonFormat(new Consumed('t', 0, { ...twice.record, headers })))).toMatchObject({ headers: { a: ['1', { base64: '/w==' }] } });
  });

  test('is one line and the same JSON for any value', () => {
    fc.assert(
      fc.property(jsonValues().map((value) => JSON.stringify(value)), fc.constantFrom(0, 2), (value, indent) => {
        const given = JSON.stringify(JSON.parse(value), null, indent);
        const line = jsonFormat(event({ value: given }));
        expect(line).not.toContain('\n');
        expect((JSON.parse(line) as { value: unknown }).value).toEqual(JSON.parse(given));
      }),
    );
  });
});
