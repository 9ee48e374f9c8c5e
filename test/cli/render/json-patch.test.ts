import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPatch, type PatchOperation } from '../../../cli/render/json-patch.ts';
import { jsonValues } from '../../support/json-values.ts';

/** RFC 6902's add, replace and remove, written from its text: the judge of what is made. */
function apply(document: unknown, operations: readonly PatchOperation[]): unknown {
  let result = structuredClone(document);
  for (const operation of operations) {
    const steps = operation.path.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop();
    if (last === undefined) {
      result = operation.op === 'remove' ? undefined : operation.value;
      continue;
    }
    const parent = steps.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], result) as Record<string, unknown>;
    if (operation.op !== 'add' && !(last in parent)) throw new Error(`nothing at ${operation.path}`);
    if (operation.op === 'remove') delete parent[last];
    else parent[last] = operation.value;
  }
  return result;
}

const json = jsonValues({ maxDepth: 4, noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
/** Two documents that share most of what they hold, as two environments do. */
const pairs = fc.tuple(json, json, fc.dictionary(fc.string(), json, { noNullPrototype: true })).map(([one, other, shared]) => [{ ...shared, x: one }, { ...shared, x: other, y: 1 }] as const);

describe('a patch makes the one of the other', () => {
  test('for any two documents', () => {
    fc.assert(fc.property(json, json, (from, to) => { expect(apply(from, jsonPatch(from, to))).toEqual(to); }));
  });
  test('for two that are much alike', () => {
    fc.assert(fc.property(pairs, ([from, to]) => { expect(apply(from, jsonPatch(from, to))).toEqual(to); }));
  });
  test('and is empty exactly when they are equal', () => {
    fc.assert(fc.property(json, (document) => { expect(jsonPatch(document, structuredClone(document))).toEqual([]); }));
  });
});

test('only what differs is named, with its keys as RFC 6901 writes them', () => {
  const from = { metadata: { labels: { 'a/b': 1, 'c~d': 2 } }, list: [1, { a: 1 }], short: [1] };
  const to = { metadata: { labels: { 'a/b': 3, 'e/f': 4 } }, list: [1, { a: 2 }], short: [1, 2] };
  expect(jsonPatch(from, to)).toEqual([
    { op: 'remove', path: '/metadata/labels/c~0d' },
    { op: 'replace', path: '/metadata/labels/a~1b', value: 3 },
    { op: 'add', path: '/metadata/labels/e~1f', value: 4 },
    { op: 'replace', path: '/list/1/a', value: 2 },
    { op: 'replace', path: '/short', value: [1, 2] },
  ]);
});
