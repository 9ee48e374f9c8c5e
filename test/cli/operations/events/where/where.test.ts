import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../../cli/errors/todoctl-error.ts';
import { Consumed } from '../../../../../cli/kafka/consumed.ts';
import { holds } from '../../../../../cli/operations/events/where/evaluate.ts';
import { parseWhere } from '../../../../../cli/operations/events/where/parse.ts';

const event = new Consumed('task-events', 2, {
  offset: 42,
  timestamp: 0,
  key: Buffer.from('k1'),
  value: Buffer.from(JSON.stringify({
    type: 'task.created.v1',
    time: '2026-11-21T10:00:00Z',
    data: { title: 'Buy milk', priority: 'high', version: 3, done: false, due: null, tags: ['home', 'shop'], steps: [{ n: 1 }], 'odd-name': 'x', code: '007' },
  })),
  headers: [{ key: 'reason', value: Buffer.from('timeout') }],
});
const matches = (source: string): boolean => holds(parseWhere(source), event);

describe('a comparison', () => {
  test.each([
    'data.priority=high', 'data.priority = high', 'data.priority="high"', "data.priority = 'high'", 'data.priority!=low', 'data.version=3', 'data.version>2', 'data.version>=3',
    'data.version<10', 'data.version<=3', 'data.done=false', 'data.due=null', 'data.none=null', 'data.none!=5', 'data.tags=shop', 'data.tags!=work', 'data.steps.0.n=1',
    'data.title~MILK', 'type~created', 'time>2026-11-21T09', 'time<2026-11-22', 'data.odd-name=x', 'data.code=007', 'data.title="Buy milk"', 'data.title = "Buy \\milk"',
    '@key=k1', '@topic~task', '@partition=2', '@offset>41', '@header.reason=timeout',
  ])('holds: %s', (source) => {
    expect(matches(source)).toBe(true);
  });

  test.each([
    'data.priority=low', 'data.version="3 "', 'data.version>3', 'data.version<abc', 'data.version>abc', 'data.version > ""', 'data.none>1', 'data.none~x', 'data.due~null', 'data.due="null"',
    'data.tags=work', 'data.tags!=home', 'data.version~x', 'data.priority=High', '@key=k2', '@header.none=x', 'constructor.name=Object',
  ])('does not hold: %s', (source) => {
    expect(matches(source)).toBe(false);
  });

  test('of quoted digits compares text', () => {
    expect(matches('data.code="7"')).toBe(false);
    expect(matches('data.version="3"')).toBe(true);
  });
});

describe('a path alone asks whether something is there', () => {
  test.each([['data.tags', true], ['data.title', true], ['data.due', false], ['data.done', false], ['data.none', false], ['not data.due', true], ['@key', true], ['@header.reason', true], ['@header.none', false]])('%s: %s', (source, expected) => {
    expect(matches(source)).toBe(expected);
  });
});

describe('joining', () => {
  test.each([
    ['data.priority=high and data.version=3', true],
    ['data.priority=high and data.version=4', false],
    ['data.priority=low or data.version=3', true],
    ['not data.priority=low', true],
    ['not not data.priority=high', true],
    ['data.priority=low or data.priority=high and data.version=3', true],
    // and binds before or: without that the first would be false.
    ['data.version=3 or data.priority=low and data.version=4', true],
    ['(data.version=3 or data.priority=low) and data.version=4', false],
    ['not (data.priority=low or data.version=4)', true],
    ['DATA.x=1 OR data.version=3 AND NOT data.priority=low', true],
    ['data.title="x and y" or data.version=3', true],
    ['((data.version=3))', true],
  ])('%s: %s', (source, expected) => {
    expect(matches(source)).toBe(expected);
  });

  test('any expression of true and false is what JavaScript says it is', () => {
    const leaf = fc.boolean().map((value) => ({ text: value ? 'data.version=3' : 'data.version=4', value }));
    const { whole } = fc.letrec<{ whole: { text: string; value: boolean } }>((tie) => ({
      whole: fc.oneof(
        { maxDepth: 4 },
        leaf,
        tie('whole').map(({ text, value }) => ({ text: `not (${text})`, value: !value })),
        fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => ({ text: `(${a.text}) and (${b.text})`, value: a.value && b.value })),
        fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => ({ text: `(${a.text}) or (${b.text})`, value: a.value || b.value })),
      ),
    }));
    fc.assert(fc.property(whole, ({ text, value }) => void expect(matches(text)).toBe(value)));
  });
});

describe('a mistake is shown where it is', () => {
  test.each([
    ['data.priority=', '              ^', 'a value is wanted after ='],
    ['data.priority==high', '              ^', 'a value is wanted after ='],
    ['=high', '^', 'a field is wanted, not ='],
    ['', '^', 'a field is wanted here'],
    ['a=1 b=2', '    ^', 'and or or is wanted before b'],
    ['a=1 and', '       ^', 'a field is wanted here'],
    ['(a=1', '^', 'this parenthesis is not closed'],
    ['(a=1 b', '     ^', ') is wanted before b'],
    ['a=1)', '   ^', 'and or or is wanted before )'],
    ['a="x', '  ^^', 'this quote is not closed'],
    ['a!1', ' ^', '! is no operator; there are = != ~ < <= > >='],
    ['data..x=1', '^^^^^^^', 'data..x has an empty name between its dots'],
    ['@when=1', '^^^^^', '@when is none of @key, @topic, @partition, @offset, @header.NAME'],
    ['and=1', '^^^', 'a field is wanted, not and'],
  ])('%j', (source, caret, message) => {
    const error = refusal(source);
    expect(error.code).toBe('TODOCTL_WHERE_SYNTAX');
    expect(error.message).toBe(`--where does not parse: ${message}`);
    expect(error.details).toEqual([source, caret]);
  });

  test('also when it is nested deeper than the stack', () => {
    expect(refusal('('.repeat(100_000)).message).toContain('nested deeper than 100');
  });

  test('and any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.@="\' ()<>!~not\\'), maxLength: 20 }), (source) => {
        try {
          holds(parseWhere(source), event);
        } catch (error) {
          expect(error).toBeInstanceOf(TodoctlError);
          expect((error as TodoctlError).details[1]?.trimEnd().length).toBeLessThanOrEqual(source.length + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function refusal(source: string): TodoctlError {
  try {
    parseWhere(source);
  } catch (error) {
    if (error instanceof TodoctlError) return error;
    throw error;
  }
  throw new Error(`${source} was taken`);
}
