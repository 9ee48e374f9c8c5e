import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declaredDifferences, differences, quantityOf } from '../../../../../cli/targets/cluster/compare/differences.ts';

const deployment = (spec: object, metadata: object = {}): Record<string, unknown> => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'task-api', ...metadata }, spec });
const withContainers = (...containers: object[]): Record<string, unknown> => deployment({ template: { spec: { containers } } });

describe('differences', () => {
  test('what the server keeps, and the status, are none', () => {
    const live = { ...deployment({ replicas: 3 }, { uid: 'a', resourceVersion: '1', generation: 1, creationTimestamp: 'x', managedFields: [{}] }), status: { replicas: 3 } };
    const next = { ...deployment({ replicas: 3 }, { uid: 'b', resourceVersion: '2', generation: 2, managedFields: [] }), status: {} };
    expect(differences(live, next)).toEqual([]);
  });

  test.each([
    ['a value', deployment({ replicas: 3 }), deployment({ replicas: 5 }), { path: 'spec.replicas', from: 3, to: 5 }],
    ['a new field', deployment({}), deployment({ paused: false }), { path: 'spec.paused', to: false }],
    ['a field that goes', deployment({ paused: true }), deployment({}), { path: 'spec.paused', from: true }],
    ['another type', deployment({ strategy: 'a' }), deployment({ strategy: { type: 'a' } }), { path: 'spec.strategy', from: 'a', to: { type: 'a' } }],
    ['a key with dots', deployment({}, { labels: { 'a.b/c': '1' } }), deployment({}, { labels: { 'a.b/c': '2' } }), { path: 'metadata.labels["a.b/c"]', from: '1', to: '2' }],
    ['an element without names, by its place', deployment({ args: ['a', 'b'] }), deployment({ args: ['a', 'c'] }), { path: 'spec.args[1]', from: 'b', to: 'c' }],
    ['an element more', deployment({ args: ['a'] }), deployment({ args: ['a', 'b'] }), { path: 'spec.args[1]', to: 'b' }],
    ['null, which is not nothing', deployment({ x: null }), deployment({}), { path: 'spec.x', from: null }],
  ])('%s', (_, live, next, change) => {
    expect(differences(live, next)).toEqual([change]);
  });

  test('elements with names are paired by them, in whatever order', () => {
    const live = withContainers({ name: 'app', image: 'a:1' }, { name: 'proxy', image: 'p:1' });
    const next = withContainers({ name: 'proxy', image: 'p:1' }, { name: 'app', image: 'a:2' });
    expect(differences(live, next)).toEqual([{ path: 'spec.template.spec.containers[name=app].image', from: 'a:1', to: 'a:2' }]);
  });

  test('an element that goes and one that comes are told apart', () => {
    expect(differences(withContainers({ name: 'old' }), withContainers({ name: 'new' }))).toEqual([
      { path: 'spec.template.spec.containers[name=old]', from: { name: 'old' } },
      { path: 'spec.template.spec.containers[name=new]', to: { name: 'new' } },
    ]);
  });

  test('names that repeat pair nothing: ports of one name for TCP and UDP', () => {
    const ports = (...protocols: string[]): Record<string, unknown> => deployment({ ports: protocols.map((protocol) => ({ name: 'dns', protocol })) });
    expect(differences(ports('TCP', 'UDP'), ports('TCP', 'SCTP'))).toEqual([{ path: 'spec.ports[1].protocol', from: 'UDP', to: 'SCTP' }]);
  });

  const json = fc.dictionary(fc.constantFrom('spec', 'data', 'a', 'b'), fc.jsonValue({ maxDepth: 3 }));

  test('nothing is different from itself, declared or not', () => {
    fc.assert(fc.property(json, (object) => {
      expect(differences(object, structuredClone(object))).toEqual([]);
      expect(declaredDifferences(object, structuredClone(object))).toEqual([]);
    }));
  });

  test('what is different one way is different the other way, at the same places', () => {
    const places = (a: Record<string, unknown>, b: Record<string, unknown>): string[] => differences(a, b).map(({ path }) => path).sort();
    fc.assert(fc.property(json, json, (a, b) => {
      expect(places(a, b)).toEqual(places(b, a));
    }));
  });
});

describe('what is declared, without trying', () => {
  test('what the API server adds is no difference', () => {
    expect(declaredDifferences(deployment({ replicas: 1, revisionHistoryLimit: 10 }, { uid: 'x', annotations: { a: 'b' } }), deployment({ replicas: 1 }))).toEqual([]);
  });

  test.each([['1000m', '1'], [0.5, '500m'], ['1024Mi', '1Gi'], [2, '2']])('%s is kept as %s', (declared, kept) => {
    expect(declaredDifferences(deployment({ limits: { cpu: kept } }), deployment({ limits: { cpu: declared } }))).toEqual([]);
  });

  test.each([[{}], [[]], [''], [false], [0], [null], [{ deeper: { empty: {} } }]])('%j is kept as nothing', (declared) => {
    expect(declaredDifferences(deployment({}), deployment({ x: declared }))).toEqual([]);
  });

  test.each([
    ['a value', { replicas: 1 }, { replicas: 2 }, { path: 'spec.replicas', from: 1, to: 2 }],
    ['a field that is not there', {}, { paused: true }, { path: 'spec.paused', to: true }],
    ['an element that is only there', { args: ['a', 'b'] }, { args: ['a'] }, { path: 'spec.args[1]', from: 'b' }],
    ['a text that is no quantity', { mode: 'one' }, { mode: 'two' }, { path: 'spec.mode', from: 'one', to: 'two' }],
  ])('%s', (_, live, declared, change) => {
    expect(declaredDifferences(deployment(live), deployment(declared))).toEqual([change]);
  });
});

describe('a quantity', () => {
  test.each([['500m', 0.5], ['1', 1], ['1.5', 1.5], ['1Ki', 1024], ['2Gi', 2 ** 31], ['1k', 1000], ['1e3', 1000], ['10M', 1e7], ['-1', -1], [3, 3]])('%s', (text, number) => {
    expect(quantityOf(text)).toBeCloseTo(number, 9);
  });

  test.each([['one'], ['1 Gi'], [''], ['1Gb'], [undefined], [null], [true], ['1.2.3']])('%s is none', (text) => {
    expect(quantityOf(text)).toBeUndefined();
  });
});
