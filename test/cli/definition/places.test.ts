// Wherever a mistake is put into a definition that is right, it is found there, and nowhere else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseDefinition } from '../../../cli/definition/document.ts';
import { problemsOf } from '../../../cli/definition/issues.ts';
import { keysAt } from '../../../cli/definition/keys.ts';
import type { Path, Problem } from '../../../cli/definition/problems.ts';
import { referenceProblems } from '../../../cli/definition/references.ts';
import { definitionSchema } from '../../../cli/definition/schema.ts';
import { definitions } from '../../support/definitions.ts';

/** Line, column and code of every mistake in a text. */
function mistakes(text: string): { line: number; column: number; code: string }[] {
  const document = parseDefinition(text);
  const parsed = definitionSchema.safeParse(document.value);
  const problems = [...(parsed.success ? [] : problemsOf(parsed.error.issues, document.value, definitionSchema)), ...referenceProblems(document.value)];
  return [...document.problems, ...problems.map(document.place)].map(({ line, column, code }) => ({ line, column, code }));
}

/** A definition that is right, as text, with at least one service. */
const texts = definitions.filter(({ services }) => Object.keys(services).length > 0).map((drawn) => stringify(drawn));

test('a definition that is right has none', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(mistakes(text)).toEqual([]);
    }),
  );
});

/** The lines of a text that match, from 1, with the column of their first word. */
function linesLike(text: string, pattern: RegExp): { line: number; column: number }[] {
  return text.split('\n').flatMap((content, index) => (pattern.test(content) ? [{ line: index + 1, column: content.search(/\S/) + 1 }] : []));
}

describe('one mistake, put at random', () => {
  /** Replaces what stands at one of the matching lines and expects exactly the mistake there. */
  const put = (pattern: RegExp, replace: (line: string) => string, expected: (at: { line: number; column: number }, changed: string) => object): void => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, pick) => {
        const candidates = linesLike(text, pattern);
        const at = candidates[pick % candidates.length];
        if (!at) return;
        const lines = text.split('\n');
        const changed = replace(lines[at.line - 1] ?? '');
        lines[at.line - 1] = changed;
        expect(mistakes(lines.join('\n'))).toEqual([expected(at, changed)]);
      }),
    );
  };

  test('an unknown key', () => {
    put(/^ {4}database: /, (line) => line.replace('database', 'databaze'), (at) => ({ ...at, code: 'TODOCTL_DEFINITION_UNKNOWN_KEY' }));
  });

  test('a value of the wrong kind', () => {
    put(
      /^ {4}state: /,
      (line) => line.replace(/: .*/, ': perhaps'),
      ({ line }, changed) => ({ line, column: changed.indexOf('perhaps') + 1, code: 'TODOCTL_DEFINITION_WRONG_TYPE' }),
    );
  });

  test('a topic that is not declared', () => {
    put(
      /^ {4}publishes: \[\]$/,
      () => '    publishes: [ not-declared ]',
      ({ line }) => ({ line, column: 18, code: 'TODOCTL_TOPIC_UNDECLARED' }),
    );
  });
});

describe('the place of a part', () => {
  const text = `platform: todo
services:
  task-api:
    publishes: [a, b]
    scale: { min: 1 }
  "quoted name": { route: /x }
`;
  const document = parseDefinition(text);
  const at = (path: Path, part: Problem['at']): string => {
    const { line, column } = document.place({ code: 'TODOCTL_BUG', message: '', path, at: part });
    return `${line}:${column}`;
  };

  test.each<[Path, Problem['at'], string]>([
    [['platform'], 'key', '1:1'],
    [['platform'], 'value', '1:11'],
    [['services', 'task-api'], 'key', '3:3'],
    [['services', 'task-api', 'publishes', 1], 'value', '4:20'],
    [['services', 'task-api', 'scale', 'min'], 'value', '5:19'],
    [['services', 'quoted name', 'route'], 'key', '6:20'],
  ])('%j (%s) is %s', (path, part, place) => {
    expect(at(path, part)).toBe(place);
  });

  test.each<[Path, string]>([
    [['environments'], '1:1'],
    [['services', 'task-api', 'missing'], '3:3'],
    [['services', 'missing', 'deeper', 'still'], '2:1'],
    [['platform', 'below', 'a', 'scalar'], '1:1'],
    [['services', 'task-api', 'publishes', 7], '4:5'],
  ])('what is not there is where it would belong: %j is %s', (path, place) => {
    expect(at(path, 'value')).toBe(place);
  });
});

test('no text makes the parser throw', () => {
  const pieces = fc.constantFrom('a: ', '- ', '{', '}', '[', ']', '"', "'", '&a ', '*a', '!!x ', '\n', '\t', '  ', '#', '|', '>', '%YAML 9\n', '---\n', '...\n', '? ', ': ', '<<: ', '\u0000', '\ufeff', '🙂');
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))), (text) => {
      const { problems } = parseDefinition(text);
      for (const { line, column } of problems) expect(line > 0 && column > 0).toBe(true);
      expect(() => mistakes(text)).not.toThrow();
    }),
    { numRuns: 1000 },
  );
});

describe('the keys that are offered', () => {
  test.each<[Path, string]>([
    [[], 'platform'],
    [['topics', 'any'], 'retentionSize'],
    [['services', 'any'], 'subscribes'],
    [['services', 'any', 'subscribes', 'any'], 'bulk'],
    [['environments', 'any', 'auth'], 'jwks'],
    [['environments', 'any', 'auth', 'key'], 'env'],
    [['environments', 'any', 'services', 'any', 'scale'], 'max'],
  ])('at %j include %s', (path, key) => {
    expect(keysAt(definitionSchema, path)).toContain(key);
  });

  test('where there is no map, none are', () => {
    expect(keysAt(definitionSchema, ['platform', 'x'])).toEqual([]);
  });
});
