// The checker of objects: each thing that a schema of a CustomResourceDefinition can say is held, and nothing else is refused.
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { Crds } from './crd.ts';

const of = (schema: object, scope = 'Namespaced'): Crds => {
  const crds = new Crds();
  const versions = [
    { name: 'v1', served: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema } } } },
    { name: 'v0', served: false, schema: { openAPIV3Schema: {} } },
  ];
  crds.add(stringify({ kind: 'CustomResourceDefinition', spec: { group: 'x.io', names: { kind: 'Thing' }, scope, versions } }));
  return crds;
};
const mistakes = (schema: object, spec: unknown): string[] => of(schema).mistakes(thing(spec)).map((mistake) => mistake.replace('x.io/v1 Thing.spec', ''));
const thing = (spec: unknown, metadata: object = { name: 'one' }) => ({ apiVersion: 'x.io/v1', kind: 'Thing', metadata, spec });

describe('a value', () => {
  test.each<[string, object, unknown, unknown]>([
    ['type', { type: 'string' }, 'a', 1],
    ['whole number', { type: 'integer' }, 1, 1.5],
    ['enum', { type: 'string', enum: ['a', 'b'] }, 'b', 'c'],
    ['minimum', { type: 'integer', minimum: 3 }, 3, 2],
    ['exclusive minimum', { type: 'integer', minimum: 3, exclusiveMinimum: true }, 4, 3],
    ['maximum', { type: 'number', maximum: 1.5 }, 1.5, 1.6],
    ['int32', { type: 'integer', format: 'int32' }, 2 ** 31 - 1, 2 ** 31],
    ['minLength', { type: 'string', minLength: 1 }, 'a', ''],
    ['maxLength, in characters', { type: 'string', maxLength: 1 }, '🙂', 'ab'],
    ['pattern, anywhere', { type: 'string', pattern: '[0-9]' }, 'a1', 'a'],
    ['date-time', { type: 'string', format: 'date-time' }, '2026-11-21T10:00:00Z', 'today'],
    ['byte', { type: 'string', format: 'byte' }, 'aGk=', 'hi!'],
    ['minItems', { type: 'array', items: { type: 'string' }, minItems: 1 }, ['a'], []],
    ['maxItems', { type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a'], ['a', 'b']],
    ['each item', { type: 'array', items: { type: 'string' } }, ['a'], ['a', 1]],
    ['set', { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, ['a', 'b'], ['a', 'a']],
    ['int-or-string', { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^\\d+Mi$' }, '5Mi', '5 Mi'],
    ['int-or-string, the kind', { 'x-kubernetes-int-or-string': true }, 5, true],
    ['nullable', { type: 'string', nullable: true }, null, 5],
    ['not nullable', { type: 'string' }, '', null],
    ['not', { type: 'string', not: { enum: ['a'] } }, 'b', 'a'],
    ['allOf', { type: 'string', allOf: [{ minLength: 1 }, { maxLength: 2 }] }, 'a', 'abc'],
    ['anyOf', { type: 'string', anyOf: [{ enum: ['a'] }, { enum: ['b'] }] }, 'b', 'c'],
  ])('%s', (_what, schema, right, wrong) => {
    expect(mistakes(schema, right)).toEqual([]);
    expect(mistakes(schema, wrong)).toHaveLength(1);
  });
});

describe('a map', () => {
  const text = { type: 'string' };

  test('has the keys that are named, and those that must be', () => {
    const schema = { type: 'object', properties: { a: text, b: text }, required: ['a'] };
    expect(mistakes(schema, { a: '' })).toEqual([]);
    expect(mistakes(schema, { b: '', c: '' })).toEqual(['.a is missing', '.c is unknown']);
  });

  test('may be free, wholly or in its values', () => {
    expect(mistakes({ type: 'object', additionalProperties: text }, { any: 'thing' })).toEqual([]);
    expect(mistakes({ type: 'object', additionalProperties: text }, { any: 1 })).toEqual(['.any is not of type string']);
    expect(mistakes({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, { any: { thing: 1 } })).toEqual([]);
    expect(mistakes({ type: 'object', additionalProperties: text, maxProperties: 1 }, { a: '', b: '' })).toEqual([' has 2 keys, not 0 to 1']);
  });

  test('may hold a whole object of another kind', () => {
    const schema = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: text } };
    expect(mistakes(schema, { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, spec: '' })).toEqual([]);
  });

  test('is one of several, each of which names a part of it only', () => {
    const schema = { type: 'object', properties: { name: text, file: text, pattern: text }, required: ['name'], oneOf: [{ properties: { file: {} }, required: ['file'] }, { properties: { pattern: {} }, required: ['pattern'] }] };
    expect(mistakes(schema, { name: 'n', file: 'f' })).toEqual([]);
    expect(mistakes(schema, { name: 'n' })).toEqual([' is 0 of the 2 things of which it has to be exactly one']);
    expect(mistakes(schema, { name: 'n', file: 'f', pattern: 'p' })).toEqual([' is 2 of the 2 things of which it has to be exactly one']);
    expect(mistakes(schema, { name: 'n', file: 'f', more: 'x' })).toEqual(['.more is unknown']);
  });

  test('in a list is known by its keys, where these say so', () => {
    const schema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port', 'protocol'], items: { type: 'object', properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } } } };
    expect(mistakes(schema, [{ port: 1 }, { port: 1, protocol: 'UDP' }])).toEqual([]);
    expect(mistakes(schema, [{ port: 1 }, { port: 1, protocol: 'TCP' }])).toEqual([' has an item twice']);
  });
});

describe('a rule', () => {
  const rack = (rule: string, usual?: string) => ({ type: 'object', properties: { type: { type: 'string' }, topologyKey: { type: 'string', ...(usual === undefined ? {} : { default: usual }) } }, 'x-kubernetes-validations': [{ rule, message: 'a key is needed' }] });
  const KNOWN = '(has(self.type) && self.type != "topology-label") || self.topologyKey != ""';

  test('is asked, and its message given', () => {
    expect(mistakes(rack(KNOWN), { topologyKey: 'k' })).toEqual([]);
    expect(mistakes(rack(KNOWN), { topologyKey: '' })).toEqual([' breaks a key is needed']);
  });

  test('is asked after the defaults were put in', () => {
    expect(mistakes(rack(KNOWN, 'host'), {})).toEqual([]);
  });

  test('is not asked of what the schema refuses', () => {
    expect(mistakes(rack(KNOWN), { topologyKey: 7 })).toEqual(['.topologyKey is not of type string']);
  });

  test('that nobody wrote again is a mistake of whatever reaches it', () => {
    expect(mistakes(rack('self.new'), { topologyKey: '' })).toEqual([' reaches a rule that nobody has written again: self.new']);
    expect(of(rack('self.new')).rules()).toEqual(['self.new']);
  });
});

describe('an object', () => {
  const free = { 'x-kubernetes-preserve-unknown-fields': true };

  test('has a name, labels and annotations as the API takes them', () => {
    expect(of(free).mistakes(thing({}, { name: 'a.b-c', namespace: 'n', labels: { 'x.io/y': 'Z_1' }, annotations: { a: 'any thing' } }))).toEqual([]);
    expect(of(free).mistakes(thing({}, {}))).toEqual(['metadata.name is missing']);
    for (const metadata of [{ name: 'A' }, { name: 'a..b' }, { name: 'a'.repeat(254) }, { name: 'a', namespace: 'n.m' }, { name: 'a', labels: { l: 'no space' } }, { name: 'a', labels: { l: 'x'.repeat(64) } }, { name: 'a', uid: 'u' }]) {
      expect(of(free).mistakes(thing({}, metadata)), JSON.stringify(metadata)).toHaveLength(1);
    }
  });

  test('lives in a namespace only if its kind does', () => {
    expect(of(free, 'Cluster').mistakes(thing({}, { name: 'a', namespace: 'n' }))).toEqual(['metadata.namespace is set, but the kind lives in none']);
  });

  test('is of a version that is served, and has no key beside those of its kind', () => {
    expect(of(free).mistakes({ ...thing({}), apiVersion: 'x.io/v0' })).toEqual(['no CRD for x.io/v0 Thing']);
    expect(of(free).mistakes({ ...thing({}), ...{ data: 1 } })).toEqual(['x.io/v1 Thing.data is unknown']);
    expect(of(free).kinds()).toEqual(['x.io/v1 Thing']);
  });
});
