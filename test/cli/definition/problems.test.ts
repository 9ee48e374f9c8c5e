import { describe, expect, test } from 'vitest';
import { keysAt } from '../../../cli/definition/keys.ts';
import { definitionError, offer, type PlacedProblem } from '../../../cli/definition/problems.ts';
import { definitionSchema } from '../../../cli/definition/schema.ts';

const problem = (line: number, column = 1): PlacedProblem => ({ code: 'TODOCTL_ROUTE_TAKEN', message: `at ${line}:${column}`, line, column });

describe('the mistakes of a file as one error', () => {
  test('a single one is itself', () => {
    expect(definitionError('todoctl.yaml', [problem(3, 7)])).toMatchObject({ code: 'TODOCTL_ROUTE_TAKEN', message: 'at 3:7', details: ['todoctl.yaml:3:7'] });
  });

  test('several stand in the order of the file, whatever order they were found in', () => {
    const { code, message, details } = definitionError('x.yaml', [problem(9), problem(2, 8), problem(2, 3), problem(1)]);
    expect([code, message]).toEqual(['TODOCTL_DEFINITION_INVALID', 'x.yaml has 4 mistakes']);
    expect(details.filter((_, index) => index % 2 === 0)).toEqual(['x.yaml:1:1', 'x.yaml:2:3', 'x.yaml:2:8', 'x.yaml:9:1'].map((place) => `${place} TODOCTL_ROUTE_TAKEN`));
  });

  test.each([
    [37, 74, undefined],
    [100, 200, undefined],
    [101, 201, 'and 1 more'],
    [180, 201, 'and 80 more'],
  ])('of %i the first hundred are told', (count, lines, last) => {
    const { details } = definitionError('x.yaml', Array.from({ length: count }, (_, index) => problem(index + 1)));
    expect(details).toHaveLength(lines);
    if (last !== undefined) expect(details.at(-1)).toBe(last);
  });

  test('the caller’s list is left as it was', () => {
    const given = [problem(2), problem(1)];
    definitionError('x.yaml', given);
    expect(given.map(({ line }) => line)).toEqual([2, 1]);
  });
});

test('a name is offered where there is one', () => {
  expect([offer('route'), offer(undefined)]).toEqual(['; did you mean route?', '']);
});

describe('the keys that may stand at a place', () => {
  test.each<[string, (string | number)[], string[]]>([
    ['at the top', [], ['platform', 'topics', 'services', 'environments']],
    ['in a topic, whatever its name', ['topics', 'any'], ['key', 'partitions', 'retention', 'retentionSize']],
    ['in how a topic is subscribed to', ['services', 'a', 'subscribes', 'b'], ['attempts', 'bulk']],
    ['in auth, of both its forms', ['environments', 'local', 'auth'], ['jwks', 'issuer', 'audience', 'key']],
    ['in a reference to a secret', ['environments', 'local', 'postgres', 'url'], ['env', 'file']],
    ['in what an environment says of a service', ['environments', 'local', 'services', 'a'], ['replicas', 'scale', 'resources']],
    ['under a text', ['platform', 'x'], []],
    ['under a key that is none', ['nothing', 'x'], []],
    ['in a list', ['services', 'a', 'publishes', 0], []],
  ])('%s', (_where, path, keys) => {
    expect(keysAt(definitionSchema, path)).toEqual(keys);
  });
});
