// Whether an object is as its owner applied it, from what the API server keeps of who set which field.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { isAsApplied } from '../../../../../cli/targets/cluster/compare/as-applied.ts';

const labels = { 'todoctl.io/platform': 'todo' };
const wanted: KubernetesObject = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'todo', labels },
  spec: {
    replicas: 2,
    template: { spec: { volumes: [{ name: 'tmp', emptyDir: {} }], containers: [{ name: 'app', image: 'a:1', args: ['--one', '--two'], ports: [{ containerPort: 80 }] }, { name: 'log', image: 'b:1' }] } },
  },
};
/** As the API server answers: with what it adds itself, in an order of its own. */
const there: KubernetesObject = {
  apiVersion: 'apps/v1', kind: 'Deployment',
  spec: {
    template: {
      spec: {
        restartPolicy: 'Always', volumes: [{ emptyDir: {}, name: 'tmp' }],
        containers: [
          { args: ['--one', '--two'], image: 'a:1', name: 'app', ports: [{ containerPort: 80, protocol: 'TCP' }], imagePullPolicy: 'Always' },
          { image: 'b:1', name: 'log', imagePullPolicy: 'Always' },
        ],
      },
    },
    replicas: 2, revisionHistoryLimit: 10,
  },
  metadata: { name: 'web', namespace: 'todo', labels, ...{ generation: 3, resourceVersion: '17', managedFields: [] } },
  status: { replicas: 2 },
};
const FIELDS = {
  'f:metadata': { 'f:labels': { 'f:todoctl.io/platform': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:template': {
      'f:spec': {
        'f:volumes': { 'k:{"name":"tmp"}': { '.': {}, 'f:name': {}, 'f:emptyDir': {} } },
        'f:containers': {
          'k:{"name":"log"}': { '.': {}, 'f:name': {}, 'f:image': {} },
          'k:{"name":"app"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } },
        },
      },
    },
  },
};
const OWNER = { manager: 'helm', operation: 'Apply', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: FIELDS };
const STATUS = { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'apps/v1', subresource: 'status', fieldsV1: { 'f:status': {} } };


const owned = (object: KubernetesObject, owners: readonly object[] = [OWNER, STATUS]): KubernetesObject => ({ ...object, metadata: { ...object.metadata, ...{ managedFields: owners } } });
/** The same with one part of its JSON written otherwise. */
function written<T>(value: T, part: string, otherwise: string): T {
  const text = JSON.stringify(value);
  expect(text).toContain(part);
  return JSON.parse(text.replace(part, otherwise)) as T;
}
const same = (live = owned(there), declared = wanted): boolean => isAsApplied(live, declared, 'helm');

test('what has each declared value, and is owned in just these fields, is as it was applied', () => {
  expect(same()).toBe(true);
});

describe('what is there was changed:', () => {
  test.each([
    ['a number', '"replicas":2,"rev', '"replicas":3,"rev'],
    ['a word', '"image":"a:1"', '"image":"a:2"'],
    ['a label', '"todoctl.io/platform":"todo"', '"todoctl.io/platform":"shop"'],
    ['a list that is set as a whole', '"--one","--two"', '"--one","--three"'],
    ['a list that is set as a whole has more', '"--one","--two"', '"--one","--two","--three"'],
    ['an element is gone', '{"image":"b:1","name":"log","imagePullPolicy":"Always"}', ''],
    ['an empty map has something', '"emptyDir":{}', '"emptyDir":{"sizeLimit":"1Gi"}'],
    ['a map has become a word', '"emptyDir":{}', '"emptyDir":"x"'],
    ['a declared field is gone', '"replicas":2,"rev', '"rev'],
    ['what an element is found by', '"name":"app"', '"name":"other"'],
    ['an element that others added', '"ports":[', '"ports":[{"containerPort":81,"protocol":"TCP"},'],
  ])('%s', (_, part, otherwise) => {
    const live = JSON.parse(JSON.stringify(owned(there)).replace(part, otherwise).replace(',]', ']')) as KubernetesObject;
    expect(live).not.toEqual(owned(there));
    expect(same(live)).toBe(false);
  });

  test('the order of elements', () => {
    const { spec } = there as unknown as { spec: { template: { spec: { containers: object[] } } } };
    const containers = [...spec.template.spec.containers].reverse();
    expect(same(owned({ ...there, spec: { ...spec, template: { spec: { ...spec.template.spec, containers } } } }))).toBe(false);
  });

  test('what nobody declares is passed over: status, and what the server or others set', () => {
    expect(same(owned({ ...there, status: { replicas: 0 }, other: 1 }))).toBe(true);
    expect(same(owned(written(there, '"revisionHistoryLimit":10', '"revisionHistoryLimit":3')))).toBe(true);
    expect(same(owned(written(there, '"todoctl.io/platform":"todo"', '"todoctl.io/platform":"todo","team":"blue"')))).toBe(true);
  });
});

describe('what is declared has changed:', () => {
  test.each([
    ['a value', '"replicas":2', '"replicas":3'],
    ['a field more', '"replicas":2', '"replicas":2,"paused":true'],
    ['a field more that is there, and not ours', '"replicas":2', '"replicas":2,"revisionHistoryLimit":10'],
    ['a field less: it would be taken away', '"replicas":2,', ''],
    ['an element less', ',{"name":"log","image":"b:1"}', ''],
    ['a number as a word', '"replicas":2', '"replicas":"2"'],
    ['nothing in the place of a value', '"replicas":2', '"replicas":null'],
    ['a label more', '"todoctl.io/platform":"todo"', '"todoctl.io/platform":"todo","team":"blue"'],
    ['its version', '"apiVersion":"apps/v1"', '"apiVersion":"apps/v2"'],
    ['a list in the place of a map', '"emptyDir":{}', '"emptyDir":[]'],
  ])('%s', (_, part, otherwise) => {
    expect(same(owned(there), written(wanted, part, otherwise))).toBe(false);
  });

  test('the order in which its fields are written is nothing', () => {
    expect(same(owned(there), written(wanted, '"name":"log","image":"b:1"', '"image":"b:1","name":"log"'))).toBe(true);
  });
});

describe('whose it is:', () => {
  test.each<[string, readonly object[]]>([
    ['nobody is written down', []],
    ['somebody else applied it', [{ ...OWNER, manager: 'kubectl' }]],
    ['we wrote it without applying, as Helm 3 does', [{ ...OWNER, operation: 'Update' }]],
    ['we applied it in another version', [{ ...OWNER, apiVersion: 'apps/v1beta1' }]],
    ['we applied it in two versions', [OWNER, { ...OWNER, apiVersion: 'apps/v1beta1' }]],
    ['we applied its status', [{ ...OWNER, subresource: 'status' }]],
    ['which fields is not said', [{ ...OWNER, fieldsV1: undefined }]],
    ['somebody took a field from us', [written(OWNER, '"f:replicas":{},', ''), STATUS]],
    ['elements by their place, which nothing of Kubernetes has', [written(OWNER, 'k:{\\"name\\":\\"tmp\\"}', 'i:0')]],
  ])('%s: not certain', (_, owners) => {
    expect(same(owned(there, owners))).toBe(false);
  });

  test('an owner of a field that is also ours changes nothing', () => {
    expect(same(owned(there, [{ ...OWNER, manager: 'kubectl' }, OWNER, STATUS]))).toBe(true);
  });
});

test('a list of words that is owned word by word', () => {
  const finalizers = (...words: string[]): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...{ finalizers: words } } });
  const owner = (...words: string[]): object => ({ ...OWNER, apiVersion: 'v1', fieldsV1: { 'f:metadata': { 'f:finalizers': { '.': {}, ...Object.fromEntries(words.map((word) => [`v:${JSON.stringify(word)}`, {}])) } } } });
  expect(same(owned(finalizers('a/b', 'c/d'), [owner('c/d', 'a/b')]), finalizers('a/b', 'c/d'))).toBe(true);
  expect(same(owned(finalizers('a/b', 'c/d'), [owner('a/b')]), finalizers('a/b'))).toBe(false);
  expect(same(owned(finalizers('a/b', 'c/d'), [owner('a/b')]), finalizers('a/b', 'c/d'))).toBe(false);
  expect(same(owned(finalizers('a/b', 'x/y'), [owner('a/b', 'c/d')]), finalizers('a/b', 'c/d'))).toBe(false);
});

test('an object of which nothing is declared but its name', () => {
  const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'todo' } };
  expect(same(owned({ ...bare, data: { x: '1' } }, [{ ...OWNER, apiVersion: 'v1', fieldsV1: {} }]), bare)).toBe(false);
});

test('no other value of any field passes for the declared one', () => {
  const data = fc.dictionary(fc.stringMatching(/^[a-z.-]{1,8}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant({}), fc.array(fc.string())), { minKeys: 1, maxKeys: 5 });
  fc.assert(
    fc.property(data, data, (declared, live) => {
      const of = (values: object): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: values });
      const owner = { ...OWNER, apiVersion: 'v1', fieldsV1: { 'f:data': Object.fromEntries(Object.keys(declared).map((key) => [`f:${key}`, {}])) } };
      const holds = Object.entries(declared).every(([key, value]) => JSON.stringify((live as Record<string, unknown>)[key]) === JSON.stringify(value));
      expect(same(owned(of(live), [owner]), of(declared))).toBe(holds);
      expect(same(owned(of({ ...live, ...declared }), [owner]), of(declared))).toBe(true);
    }),
  );
});
