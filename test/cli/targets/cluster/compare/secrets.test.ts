import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from '../../../../../cli/targets/cluster/compare/differences.ts';

const CANARY = 'canary-5ecr3t';
const object = (kind: string, fields: object): Record<string, unknown> => ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, ...fields });
const changes = (kind: string, from: object, to: object): ReturnType<typeof differences> => differences(object(kind, from), object(kind, to));

describe('a value that may be a secret is never shown, only that it changes', () => {
  test.each<[string, string, object, object]>([
    ['data of a Secret', 'Secret', { data: { anything: CANARY } }, { data: { anything: 'b' } }],
    ['data of a Secret that is new', 'Secret', {}, { stringData: { anything: CANARY } }],
    ['a password by its name', 'HelmRelease', { grafana: { adminPassword: CANARY } }, { grafana: { adminPassword: 'b' } }],
    ['a token by its name', 'ConfigMap', { data: { api_token: CANARY } }, { data: {} }],
    ['an environment variable by its name', 'Deployment', { env: [{ name: 'DB_PASSWORD', value: CANARY }] }, { env: [{ name: 'DB_PASSWORD', value: 'b' }] }],
    ['an element as a whole', 'Component', { metadata2: [] }, { metadata2: [{ name: 'saslPassword', value: CANARY }] }],
    ['a map as a whole', 'HelmRelease', {}, { auth: { user: 'x', password: CANARY } }],
    ['a URL with a password', 'ConfigMap', { data: { address: 'a' } }, { data: { address: `postgres://me:${CANARY}@db/todo` } }],
    ['a key', 'ConfigMap', { data: { pem: 'a' } }, { data: { pem: `-----BEGIN PRIVATE KEY-----\n${CANARY}` } }],
    ['a line of a file', 'ConfigMap', { data: { 'app.properties': 'a=1' } }, { data: { 'app.properties': `a=1\nsmtp.password=${CANARY}` } }],
    ['a JAAS line', 'ConfigMap', { data: { 'sasl.jaas.config': 'a' } }, { data: { 'sasl.jaas.config': CANARY } }],
    ['a token of a known maker', 'ConfigMap', { data: { x: 'a' } }, { data: { x: `dop_v1_${'a'.repeat(40)}${CANARY}` } }],
  ])('%s', (_, kind, from, to) => {
    const found = changes(kind, from, to);
    expect(found).toEqual([{ path: expect.any(String) as string, masked: true }]);
    expect(changes(kind, to, from)).toEqual(found);
    expect(JSON.stringify(found)).not.toContain(CANARY);
  });

  test('whatever it is, and however deep', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 4 }), fc.constantFrom('password', 'clientSecret', 'apiKey', 'access_token', 'privateKey', 'dsn'), (above, key) => {
        const nested = above.reduceRight<object>((inner, name) => ({ [name]: inner }), { [key]: CANARY });
        expect(JSON.stringify(changes('ConfigMap', {}, { spec: nested }))).not.toContain(CANARY);
        expect(JSON.stringify(changes('ConfigMap', { spec: nested }, {}))).not.toContain(CANARY);
      }),
    );
  });
});

test.each<[string, object, object]>([
  ['where a secret is', { secretKeyRef: { name: 'a' } }, { secretKeyRef: { name: 'b' } }],
  ['which key of it', { existingSecret: { key: 'a' } }, { existingSecret: { key: 'b' } }],
  ['the name of a Secret', { secretName: 'a' }, { secretName: 'b' }],
  ['the file of a token', { tokenFile: '/a' }, { tokenFile: '/b' }],
  ['a URL without a password', { address: 'https://a.example.com:443/x' }, { address: 'https://b.example.com/x' }],
  ['whether something is on', { automountServiceAccountToken: true }, { automountServiceAccountToken: false }],
])('%s is shown', (_, from, to) => {
  expect(changes('Deployment', { spec: from }, { spec: to })).toEqual([expect.not.objectContaining({ masked: true })]);
});

describe('a variable that we do not declare', () => {
  const pod = (containers: object[]): object => ({ spec: { template: { spec: { containers } } } });
  const app = (env: object[]): object => pod([{ name: 'app', env }]);
  const hand = { name: 'HARMLESS', value: CANARY };

  test.each<[string, string, object, object]>([
    ['added by hand', 'Deployment', app([{ name: 'LOG_LEVEL', value: 'info' }, hand]), app([{ name: 'LOG_LEVEL', value: 'info' }])],
    ['with a dot in its name', 'Deployment', app([{ name: 'a.b', value: CANARY }]), app([])],
    ['in place of one that is read from a Secret', 'Deployment', app([hand]), app([{ name: 'HARMLESS', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } }])],
    ['the only ones', 'Deployment', app([hand]), pod([{ name: 'app' }])],
    ['in a container that somebody added', 'Deployment', pod([{ name: 'app' }, { name: 'debug', env: [hand] }]), pod([{ name: 'app' }])],
    ['in values of a chart, as a list', 'HelmRelease', { grafana: { extraEnvVars: [hand] } }, { grafana: {} }],
    ['in values of a chart, as a map', 'HelmRelease', { env: { HARMLESS: CANARY } }, {}],
    ['in what kubectl applied last', 'ConfigMap', { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': CANARY } } }, { metadata: { annotations: {} } }],
  ])('%s is not shown', (_, kind, from, to) => {
    const found = changes(kind, from, to);
    expect(found).toContainEqual({ path: expect.any(String) as string, masked: true });
    expect(JSON.stringify(found)).not.toContain(CANARY);
  });

  test('but one that we declare is, with what it was', () => {
    expect(changes('Deployment', app([{ name: 'LOG_LEVEL', value: 'debug' }]), app([{ name: 'LOG_LEVEL', value: 'info' }]))).toEqual([{ path: 'spec.template.spec.containers[name=app].env[name=LOG_LEVEL].value', from: 'debug', to: 'info' }]);
  });
});
