import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { compileTemplate } from '../../../cli/render/template.ts';
import { openTemplates } from '../../../cli/render/templates.ts';

function render(source: string, view: object): string {
  return compileTemplate({ name: 'dapr/sample.yaml.hbs', source })(view);
}

/** What a template is refused with: its message and its place. */
function refusal(source: string, view: object = {}): { code: string; message: string; details: readonly string[] } {
  try {
    render(source, view);
  } catch (error) {
    if (error instanceof TodoctlError) return { code: error.code, message: error.message, details: error.details };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('values, lists and conditions', () => {
  const source = 'name: {{yaml name}}\n{{#if bulk}}\nbulk: {{yaml bulk}}\n{{/if}}\nscopes:\n{{#each scopes}}\n  - {{yaml this}}\n{{/each}}\n';
  expect(render(source, { name: 'yes', bulk: 100, scopes: ['audit', 'a: b'] })).toBe('name: "yes"\nbulk: 100\nscopes:\n  - audit\n  - "a: b"\n');
  expect(render(source, { name: 'x', bulk: null, scopes: [] })).toBe('name: x\nscopes:\n');
});

test('nothing is escaped for HTML', () => {
  expect(render('a: {{yaml a}}', { a: `<&"'=>` })).toBe(`a: "<&\\"'=>"`);
});

describe('a missing value is an error with template and line, never "undefined"', () => {
  test.each([
    ['handed to a helper', 'a: 1\nb: {{yaml missing}}', 2, '{{yaml missing}} has no value'],
    ['deep in a value', 'a: 1\n\nb: {{yaml here.missing}}', 3, '{{yaml here.missing}} has no value'],
    ['in a condition', '{{#if missing}}x{{/if}}', 1, '{{#if missing}} has no value'],
    ['in a loop', 'a:\n{{#each missing}}\n  - {{yaml this}}\n{{/each}}', 2, '{{#each missing}} has no value'],
    ['inside a loop', '{{#each list}}\n  - {{yaml missing}}\n{{/each}}', 2, '{{yaml missing}} has no value'],
  ])('%s', (_where, source, line, message) => {
    const refused = refusal(source, { here: {}, list: [{ a: 1 }] });
    expect(refused.code).toBe('TODOCTL_TEMPLATE_BROKEN');
    expect(refused.message).toBe(`A template cannot be filled: ${message}`);
    expect(refused.details[0]).toMatch(new RegExp(String.raw`^templates/dapr/sample\.yaml\.hbs:${line}:\d+$`));
  });

  test('a parent that is missing', () => {
    const message = 'A template cannot be filled: gone.missing has no value';
    expect(refusal('missing: {{yaml here}}\na: {{yaml gone.missing}}', { here: 1 })).toEqual({ code: 'TODOCTL_TEMPLATE_BROKEN', message, details: ['templates/dapr/sample.yaml.hbs:2:11'] });
    expect(refusal('{{#if gone.missing}}x{{/if}}').message).toBe(message);
  });

  test('inherited properties are not values', () => {
    expect(refusal('a: {{yaml constructor}}').message).toContain('{{yaml constructor}} has no value');
  });

  test('null is a value that says "nothing here"', () => {
    expect(render('a: {{yaml a}}', { a: null })).toBe('a: null');
  });

  test('false, zero and the empty text are values', () => {
    expect(render('{{yaml a}} {{yaml b}} {{yaml c}}', { a: false, b: 0, c: '' })).toBe('false 0 ""');
  });
});

describe('what could slip through unquoted is refused', () => {
  test('a value without a helper', () => {
    expect(refusal('a: 1\nb: {{b}}', { b: 'x' })).toMatchObject({
      message: 'A template cannot be filled: a value is written without a quoting helper',
      details: ['templates/dapr/sample.yaml.hbs:2:4'],
    });
  });

  test('three braces, too', () => {
    expect(refusal('b: {{{b}}}', { b: 'x' }).message).toContain('without a quoting helper');
  });

  test('a helper that is not known', () => {
    expect(refusal('b: {{shell b}}', { b: 'x' })).toEqual({
      code: 'TODOCTL_TEMPLATE_BROKEN', message: 'A template cannot be filled: there is no helper shell', details: ['templates/dapr/sample.yaml.hbs:1:4'],
    });
  });

  test.each([
    ['a block that is not closed', 'a: 1\n{{#if a}}\n', 'a block is not closed', 3],
    ['brackets that do not fit', 'a: 1\nb: {{yaml a}\n', 'this is not Handlebars', 2],
    ['the end of another block', '{{#if a}}\n{{/each}}', "if doesn't match each - 1:3", 1],
  ])('%s', (_what, source, words, line) => {
    const { message, details } = refusal(source, { a: 1 });
    expect(message).toBe(`A template cannot be filled: ${words}`);
    expect(details[0]).toMatch(new RegExp(String.raw`sample\.yaml\.hbs:${line}:\d+$`));
  });
});

test('whatever the values are, the text is the YAML that the template says', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ unit: 'grapheme' })), (name, scopes) => {
      const text = render('name: {{yaml name}}\nscopes:\n{{#each scopes}}\n  - {{yaml this}}\n{{/each}}\n', { name, scopes });
      expect(parse(text)).toEqual({ name, scopes: scopes.length > 0 ? scopes : null });
    }),
  );
});

test('one rendering leaves nothing behind for the next', () => {
  expect(render('{{yaml a}}', { a: 1 })).toBe('1');
  expect(refusal('{{yaml a}}').code).toBe('TODOCTL_TEMPLATE_BROKEN');
});

test('a template that is not there is named', () => {
  expect(() => openTemplates().fill('kafka/none.yaml.hbs', {})).toThrow(expect.objectContaining({ code: 'TODOCTL_TEMPLATE_BROKEN', message: 'A template cannot be read: it is not there', details: ['templates/kafka/none.yaml.hbs'] }));
});
