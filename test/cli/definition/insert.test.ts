import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { insertEntry } from '../../../cli/definition/insert.ts';
import { yamlText } from '../../../cli/render/yaml-text.ts';

const entry = { subscribes: ['task-events'], database: true };
const inserted = (text: string, section = 'services'): string => insertEntry(text, section, 'billing', yamlText(entry));

describe('an entry is added and all else stays, byte by byte', () => {
  test('in line with the entry above, before what follows', () => {
    expect(inserted('# top\nservices:\n  task-api:   { route: /api }   # the API\n  # about web\n  web:        { route: / }   # last\n\n# below\nenvironments: {}\n')).toBe(
      '# top\nservices:\n  task-api:   { route: /api }   # the API\n  # about web\n  web:        { route: / }   # last\n  billing:    { subscribes: [task-events], database: true }\n\n# below\nenvironments: {}\n',
    );
  });

  test('after an entry of several lines', () => {
    expect(inserted('services:\n    web:\n        route: /\n        scale:\n            min: 1 # one\nx: 1\n')).toBe(
      'services:\n    web:\n        route: /\n        scale:\n            min: 1 # one\n    billing: { subscribes: [task-events], database: true }\nx: 1\n',
    );
  });

  test('at the end of a file without a last newline', () => {
    expect(inserted('services:\n  web: { route: / }')).toBe('services:\n  web: { route: / }\n  billing: { subscribes: [task-events], database: true }\n');
  });

  test('below an entry with no value', () => {
    expect(parse(inserted('services:\n  web:\nx: 1\n'))).toEqual({ services: { web: null, billing: entry }, x: 1 });
  });

  test('with a name longer than the place that the others leave', () => {
    expect(insertEntry('topics:\n  a: { key: task }\n', 'topics', 'a-long-name', '{ key: user }')).toBe('topics:\n  a: { key: task }\n  a-long-name: { key: user }\n');
  });
});

test('lines of Windows stay lines of Windows', () => {
  expect(inserted('services:\r\n  web: { route: / }\r\nx: 1\r\n')).toBe('services:\r\n  web: { route: / }\r\n  billing: { subscribes: [task-events], database: true }\r\nx: 1\r\n');
  expect(inserted('platform: todo\r\n')).toBe('platform: todo\r\n\r\nservices:\r\n  billing: { subscribes: [task-events], database: true }\r\n');
});

describe('where there is no block to add to', () => {
  const added = 'billing: { subscribes: [task-events], database: true }';
  test.each([
    ['an empty section', 'services: {}   # none yet\nx: {a: 1}\n', `services: { ${added} }   # none yet\nx: {a: 1}\n`],
    ['a section in brackets', 'services: {web: {route: /}} # here\nx: {a: 1}\n', `services: {web: {route: /}, ${added}} # here\nx: {a: 1}\n`],
    ['one of several lines, with a last comma', 'services: {\n  web: { route: / }, # the page\n}\n', `services: {\n  web: { route: / }, ${added}, # the page\n}\n`],
    ['one with a key alone', 'services: { web }\n', `services: { web, ${added} }\n`],
    ['a whole file in brackets', '{ services: { web: { route: / } }, x: 1 }\n', `{ services: { web: { route: / }, ${added} }, x: 1 }\n`],
  ])('%s: all else stays too', (_what, before, after) => {
    expect(inserted(before)).toBe(after);
    expect((parse(after) as { services: { billing: object } }).services.billing).toEqual(entry);
  });

  test('a section that is not there comes last', () => {
    expect(inserted('platform: todo\n')).toBe('platform: todo\n\nservices:\n  billing: { subscribes: [task-events], database: true }\n');
  });
});

test('any entry into any map: the value is there and every old line too, in order', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const maps = fc.dictionary(word.map((name) => `x${name}`), fc.record({ key: fc.constantFrom('task', 'user'), note: fc.string({ maxLength: 8 }) }), { minKeys: 1, maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(maps, fc.boolean(), fc.constantFrom('', ' # why', '   # é # twice'), (map, wide, comment) => {
      const lines = Object.entries(map).map(([name, value]) => `  ${name}:${wide ? '     ' : ' '}${yamlText(value)}${comment}`);
      const text = `services:\n${lines.join('\n')}\nlast: 1\n`;
      const after = inserted(text);
      expect(parse(after)).toEqual({ services: { ...map, billing: entry }, last: 1 });
      expect(after.split('\n').filter((line) => !line.includes('billing:'))).toEqual(text.split('\n'));
    }),
  );
});
