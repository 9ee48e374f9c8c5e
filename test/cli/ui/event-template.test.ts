import { describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { Consumed } from '../../../cli/kafka/consumed.ts';
import { templateFormat } from '../../../cli/ui/event-template.ts';

const event = new Consumed('task-events', 1, {
  offset: 42, timestamp: 0, key: Buffer.from('k1'), value: Buffer.from('{"type":"x.v1","data":{"title":"buy milk","tags":["a"],"due":null}}'),
  headers: [{ key: 'a', value: Buffer.from('1') }, { key: 'b', value: null }],
});
const pipe = { stdoutIsTty: false };
const bare = new Consumed('t', 0, { offset: 0, timestamp: -1, key: null, value: null, headers: [] });

test.each([
  ['%t %p %o %k', 'task-events 1 42 k1'],
  ['%T', '1970-01-01T00:00:00.000Z'],
  ['%h', 'a=1,b='],
  ['%v', '{"type":"x.v1","data":{"title":"buy milk","tags":["a"],"due":null}}'],
  ['%v{type}: %v{data.title}', 'x.v1: buy milk'],
  ['%v{data.tags} %v{data.tags.0}', '["a"] a'],
  ['[%v{data.due}|%v{data.none}]', '[|]'],
  ['100%% of %p\\t%o\\n\\\\', '100% of 1\t42\n\\'],
  ['%p\\x', '1\\x'],
])('%s', (template, line) => {
  expect(templateFormat(template, pipe)(event)).toBe(line);
});

test('what an event does not have is empty', () => {
  expect(templateFormat('%t|%k|%T|%h|%v|%v{a}', pipe)(bare)).toBe('t|||||');
});

test('what could move the cursor is escaped on a terminal, and left as it is in a pipe; the template itself is the caller\'s', () => {
  const hostile = new Consumed('t', 0, { offset: 0, timestamp: 0, key: Buffer.from('k\u001b[2J'), value: Buffer.from('{"title":"\\u001b]0;x\\u0007\u202e"}'), headers: [] });
  expect(templateFormat('\\t%k %v{title}', { stdoutIsTty: true })(hostile)).toBe('\tk\\u001b[2J \\u001b]0;x\\u0007\\u202e');
  expect(templateFormat('%k', pipe)(hostile)).toBe('k\u001b[2J');
});

describe('a mistake is shown where it is', () => {
  test.each([
    ['%t %x', '   ^^', '%x is no field'],
    ['%t %', '   ^', 'a field is wanted after %'],
    ['%v{data', '^^^^^^^', 'this brace is not closed'],
    ['a %v{data..x} b', '  ^^^^^^^^^^^', 'a path has a name between its dots'],
    ['%v{}', '^^^^', 'a path has a name between its dots'],
    ['%constructor', '^^', '%c is no field'],
  ])('%s', (template, caret, why) => {
    try {
      templateFormat(template, pipe);
      expect.unreachable();
    } catch (error) {
      const { code, message, details } = error as TodoctlError;
      expect([code, message, details]).toEqual(['TODOCTL_FORMAT_SYNTAX', `--format does not parse: ${why}`, [template, caret]]);
    }
  });
});
