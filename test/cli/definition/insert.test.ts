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

describe('where there is no block to add to', () => {
  test('a section in brackets or an empty one is written anew, comments elsewhere stay', () => {
    const text = inserted('# top\nservices: { web: { route: / } } # here\n');
    expect(parse(text)).toEqual({ services: { web: { route: '/' }, billing: entry } });
    expect(text).toContain('# top\n');
    expect(parse(inserted('services: {}\n'))).toEqual({ services: { billing: entry } });
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
