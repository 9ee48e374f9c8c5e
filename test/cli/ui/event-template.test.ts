import { describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { Consumed } from '../../../cli/kafka/consumed.ts';
import { templateFormat } from '../../../cli/ui/event-template.ts';

const event = new Consumed('task-events', 1, {
  offset: 42, timestamp: 0, key: Buffer.from('k1'), value: Buffer.from('{"type":"x.v1","data":{"title":"buy milk","tags":["a"],"due":null}}'),
  headers: [{ key: 'a', value: Buffer.from('1') }, { key: 'b', value: null }],
});
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
  expect(templateFormat(template)(event)).toBe(line);
});

test('what an event does not have is empty', () => {
  expect(templateFormat('%t|%k|%T|%h|%v|%v{a}')(bare)).toBe('t|||||');
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
      templateFormat(template);
      expect.unreachable();
    } catch (error) {
      const { code, message, details } = error as TodoctlError;
      expect([code, message, details]).toEqual(['TODOCTL_FORMAT_SYNTAX', `--format does not parse: ${why}`, [template, caret]]);
    }
  });
});
