import { Readable } from 'node:stream';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { cloudEventOf } from '../../../../cli/operations/events/cloud-event.ts';
import { eventText } from '../../../../cli/operations/events/event-text.ts';
import { keyKind } from '../../../../cli/operations/events/key-kind.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const made = { now: Date.parse('2026-11-21T12:00:00Z'), id: 'new-id' };
const message = (text: string, type?: string): string => {
  try {
    cloudEventOf({ text, type }, made);
  } catch (error) {
    expect((error as TodoctlError).code).toBe('TODOCTL_EVENT_INVALID');
    return (error as TodoctlError).message.replace('This event cannot be published: ', '');
  }
  return 'nothing';
};

describe('data becomes a CloudEvent', () => {
  test.each([['{"title":"milk"}', { title: 'milk' }], ['[1]', [1]], ['"text"', 'text'], ['0', 0], ['null', null]])('%s', (text, data) => {
    expect(cloudEventOf({ text, type: 'task.created.v1' }, made)).toEqual({
      id: 'new-id', specversion: '1.0', source: 'todo/todoctl', time: '2026-11-21T12:00:00.000Z', datacontenttype: 'application/json', type: 'task.created.v1', data,
    });
  });

  test('with a subject where one is known', () => {
    expect(cloudEventOf({ text: '{}', type: 'x.v1', subject: 't1' }, made)).toMatchObject({ subject: 't1' });
  });
});

describe('a CloudEvent stays what it is', () => {
  const event = { specversion: '1.0', id: 'mine', source: 'todo/task-api', type: 'task.created.v1', subject: 't1', time: '2020-01-01T00:00:00Z', datacontenttype: 'text/plain', traceparent: '00-1', data: 'x' };

  test('with every field that it has', () => {
    expect(cloudEventOf({ text: JSON.stringify(event), subject: 'other' }, made)).toEqual(event);
  });

  test('but for the type that is asked for', () => {
    expect(cloudEventOf({ text: JSON.stringify(event), type: 'task.updated.v1' }, made)).toMatchObject({ id: 'mine', type: 'task.updated.v1' });
  });

  test('and gets what it lacks', () => {
    expect(cloudEventOf({ text: '{"specversion":"1.0","type":"x.v1"}' }, made)).toMatchObject({ id: 'new-id', source: 'todo/todoctl', time: '2026-11-21T12:00:00.000Z' });
  });
});

describe('what cannot be published', () => {
  test.each([
    ['{"a":', undefined, /^the data is not JSON: /],
    ['', undefined, /^the data is not JSON: /],
    ['{}', undefined, /^it has no type; give --type$/],
    ['{"specversion":"1.0","type":""}', undefined, /^it has no type/],
    ['{"specversion":"0.3","type":"x.v1"}', undefined, /^specversion is "0\.3"; "1\.0" is wanted$/],
    ['{}', 'task.created', /^type task\.created does not end with its major version, like task\.created\.v1$/],
    ['{"specversion":"1.0","type":"x.v1","id":7}', undefined, /^id is no text$/],
    ['{"specversion":"1.0","type":"x.v1","source":""}', undefined, /^source is no text$/],
  ])('%j of type %s', (text, type, expected) => {
    expect(message(text, type)).toMatch(expected);
  });
});

describe('the text of an event', () => {
  test('comes from a file, relative to where todoctl was called', async () => {
    const cwd = await temporaryFolder();
    await writeFile(path.join(cwd, 'event.json'), '{"a":"ü"}');
    expect(await eventText('event.json', { cwd, stdin: Readable.from([]) })).toBe('{"a":"ü"}');
  });

  test('comes from stdin, also when a character is cut in two', async () => {
    const bytes = Buffer.from('{"a":"ü"}');
    expect(await eventText('-', { cwd: '/', stdin: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]) })).toBe('{"a":"ü"}');
  });

  test.each([['missing.json', /^This event cannot be published: missing\.json cannot be read: ENOENT/], ['.', /cannot be read: EISDIR/]])('%s is refused', async (file, expected) => {
    const error = await eventText(file, { cwd: await temporaryFolder(), stdin: Readable.from([]) }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TodoctlError);
    expect((error as TodoctlError).message).toMatch(expected);
  });

  test('has an end, whatever is poured into it', async () => {
    const endless = Readable.from((function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })());
    await expect(eventText('-', { cwd: '/', stdin: endless })).rejects.toThrow('stdin is larger than 16777216 bytes');
  });
});

test('the key of a topic is what the platform declares, also for its dead letters', () => {
  expect(['task-events', 'task-updates', 'task-updates.dlq', 'other', 'constructor'].map(keyKind)).toEqual(['task', 'user', 'user', undefined, undefined]);
});
