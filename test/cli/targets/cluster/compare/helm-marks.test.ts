// What Helm writes into an object, as lines in its text and in the parsed object: the same, or the text is left to the parser.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { markedByHelm, textMarkedByHelm } from '../../../../../cli/targets/cluster/compare/helm-marks.ts';

const OWN = { release: 'todo', namespace: 'tasks' };
const MARKS = { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'todo', 'meta.helm.sh/release-namespace': 'tasks' } };
const textOf = (...metadata: string[]): string => ['# Made by todoctl.', 'apiVersion: v1', 'kind: ConfigMap', 'metadata:', '  name: a', ...metadata, 'data:', '  metadata: x', '  labels: |', '    labels:', ''].join('\n');
const sent = (text: string): unknown => parse(textMarkedByHelm(text, OWN) ?? 'left to the parser');

describe('the text of an object', () => {
  test.each<[string, string[], object]>([
    ['without labels and annotations', [], MARKS],
    ['with labels', ['  labels:', '    a: b', '    "c": d'], { ...MARKS, labels: { a: 'b', c: 'd', ...MARKS.labels } }],
    ['with annotations', ['  annotations:', '    a: b'], { ...MARKS, annotations: { a: 'b', ...MARKS.annotations } }],
    ['with the label of Helm’s already', ['  labels:', '    a: b', '    app.kubernetes.io/managed-by: "somebody"', '    c: d'], { ...MARKS, labels: { a: 'b', c: 'd', ...MARKS.labels } }],
    ['with both, and a namespace behind them', ['  annotations:', '    a: "labels:"', '  labels:', '    c: d', '  namespace: todo'], { namespace: 'todo', annotations: { a: 'labels:', ...MARKS.annotations }, labels: { c: 'd', ...MARKS.labels } }],
  ])('%s', (_, metadata, expected) => {
    const text = textOf(...metadata);
    expect(sent(text)).toEqual({ ...(parse(text) as object), metadata: { name: 'a', ...expected } });
    expect(sent(text)).toEqual(markedByHelm(parse(text) as KubernetesObject, OWN));
  });

  test.each<[string, string[]]>([
    ['in flow style', ['  labels: {a: b}']],
    ['deeper than ours', ['  labels:', '      a: b']],
    ['with a comment first', ['  labels:', '    # why', '    a: b']],
    ['with nothing below', ['  annotations:']],
    ['with a mark of Helm’s among annotations', ['  labels:', '    a: b', '  annotations:', '    app.kubernetes.io/managed-by: Helm']],
    ['with nothing but a mark of Helm’s', ['  labels:', '    app.kubernetes.io/managed-by: Helm']],
    ['with the release’s name already', ['  annotations:', '    meta.helm.sh/release-name: other']],
  ])('written %s is left to the parser', (_, metadata) => {
    expect(textMarkedByHelm(textOf(...metadata), OWN)).toBeUndefined();
  });

  test('with metadata on one line, or none, is left to the parser', () => {
    expect(textMarkedByHelm('kind: A\nmetadata: {name: a}\n', OWN)).toBeUndefined();
    expect(textMarkedByHelm('kind: A\n', OWN)).toBeUndefined();
  });

  test('of a release whose name looks like something else says that name', () => {
    expect(parse(textMarkedByHelm(textOf(), { release: 'true', namespace: '1e3' }) ?? '')).toMatchObject({ metadata: { annotations: { 'meta.helm.sh/release-name': 'true', 'meta.helm.sh/release-namespace': '1e3' } } });
  });

  test('means the same as the marked object, whatever its labels and annotations are; or is left to the parser', () => {
    const entries = fc.option(fc.dictionary(fc.stringMatching(/^[a-z./-]{1,12}$/), fc.string()), { nil: undefined });
    fc.assert(fc.property(entries, entries, (labels, annotations) => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, data: { x: 'y' } };
      const text = textMarkedByHelm(stringify(object), OWN);
      if (text !== undefined) expect(parse(text)).toEqual(markedByHelm(object, OWN));
    }), { numRuns: 200 });
  });
});

test('a marked object keeps its own labels, and the one it was is left as it was', () => {
  const object: KubernetesObject = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a', labels: { a: 'b', 'app.kubernetes.io/managed-by': 'somebody' } } };
  expect(markedByHelm(object, OWN).metadata.labels).toEqual({ a: 'b', 'app.kubernetes.io/managed-by': 'Helm' });
  expect(object.metadata.labels).toEqual({ a: 'b', 'app.kubernetes.io/managed-by': 'somebody' });
});
