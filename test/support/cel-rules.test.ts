// Each rule of a CustomResourceDefinition that was written again says yes and no where its CEL does.
import { describe, expect, test } from 'vitest';
import { CEL_RULES } from './cel-rules.ts';

/** The answer of the one rule whose text has these parts. */
function ask(parts: string | readonly string[], self: unknown): boolean {
  const found = Object.entries(CEL_RULES).filter(([rule]) => [parts].flat().every((part) => rule.includes(part)));
  expect(found.map(([rule]) => rule), String(parts)).toHaveLength(1);
  return found[0]?.[1](self as never) ?? false;
}

type Case = [string | string[], unknown, unknown];
const check = (rule: Case[0], right: unknown, wrong: unknown): void => {
  expect([ask(rule, right), ask(rule, wrong)]).toEqual([true, false]);
};

const listener = (more: object = {}) => ({ name: 'a', port: 80, protocol: 'HTTP', ...more });
const parent = (more: object = {}) => ({ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'g', ...more });

describe('Strimzi', () => {
  test.each<Case>([
    ['self.topologyKey != ""', { type: 'environment-variable' }, { type: 'topology-label', topologyKey: '' }],
    ['self.topologyKey != ""', { topologyKey: 'kubernetes.io/hostname' }, {}],
    ['self.envVarName', { type: 'topology-label' }, { type: 'environment-variable' }],
    ['jmxPrometheusExporter', { type: 'jmxPrometheusExporter', valueFrom: {} }, { type: 'jmxPrometheusExporter' }],
    ["self.type != 'strimziMetricsReporter'", { type: 'jmxPrometheusExporter' }, { type: 'strimziMetricsReporter' }],
    ["self.type == 'tls' ||", { type: 'scram-sha-512' }, { type: 'scram-sha-512', validityDays: 3 }],
    ['has(self.renewalDays) == has(self.validityDays)', { type: 'tls', validityDays: 3, renewalDays: 1 }, { type: 'tls', validityDays: 3 }],
    ['self.renewalDays < self.validityDays', { type: 'tls', validityDays: 3, renewalDays: 1 }, { type: 'tls', validityDays: 3, renewalDays: 3 }],
  ])('%s', check);
});

describe('Gateway', () => {
  test.each<Case>([
    ['? !has(l.tls) : true', [listener(), listener({ protocol: 'HTTPS', tls: {} })], [listener({ tls: {} })]],
    ["l.tls.mode == 'Terminate'", [listener({ protocol: 'HTTPS', tls: { mode: 'Terminate' } })], [listener({ protocol: 'HTTPS', tls: { mode: 'Passthrough' } })]],
    ["l.protocol == 'TLS'", [listener({ protocol: 'TLS', tls: { mode: 'Passthrough' } })], [listener({ protocol: 'TLS' })]],
    ["l.hostname == ''", [listener({ hostname: 'a.b' })], [listener({ protocol: 'TCP', hostname: 'a.b' })]],
    ['l1.name == l2.name', [listener(), listener({ name: 'b' })], [listener(), listener()]],
    ['l1.port == l2.port', [listener(), listener({ hostname: 'a.b' })], [listener({ hostname: 'a.b' }), listener({ hostname: 'a.b' })]],
    ["self.mode == 'Terminate'", { mode: 'Terminate', certificateRefs: [{}] }, { mode: 'Terminate', certificateRefs: [] }],
    ['self.all(key, key.matches', { 'a.b/c': '' }, { 'a b': '' }],
    ['key.split', { 'a.b/c': '' }, { [`${'a'.repeat(253)}/c`]: '' }],
  ])('%s', check);
});

describe('HTTPRoute', () => {
  const prefix = { path: { type: 'PathPrefix', value: '/' } };
  const strip = { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } };
  const move = { type: 'RequestRedirect', requestRedirect: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } };
  const rule = (more: object) => ({ matches: [prefix], ...more });
  const exact = (more: object) => ({ matches: [{ path: { type: 'Exact', value: '/' } }], ...more });

  test.each<Case>([
    ['self.all(p1, self.all(p2', [parent(), parent({ namespace: 'other' })], [parent(), parent({ sectionName: 'http' })]],
    ['self.all(p1, self.exists_one(p2', [parent({ sectionName: 'a' }), parent({ sectionName: 'b' })], [parent(), parent()]],
    ['<= 128', [{ matches: Array.from({ length: 64 }) }, { matches: Array.from({ length: 64 }) }], [{ matches: Array.from({ length: 64 }) }, { matches: Array.from({ length: 65 }) }]],
    ['self.filters.all(f, !has(f.requestRedirect))', rule({ filters: [move] }), rule({ filters: [move], backendRefs: [{}] })],
    ['self.filters.exists_one(f, has(f.urlRewrite)', rule({ filters: [strip] }), exact({ filters: [strip] })],
    ['self.filters.exists_one(f, has(f.requestRedirect)', rule({ filters: [move] }), exact({ filters: [move] })],
    ['b.filters.exists_one(f, has(f.urlRewrite)', rule({ backendRefs: [{ filters: [strip] }] }), exact({ backendRefs: [{ filters: [strip] }] })],
    ['b.filters.exists_one(f, has(f.requestRedirect)', rule({ backendRefs: [{ filters: [move] }] }), exact({ backendRefs: [{ filters: [move] }] })],
    ["self.kind == 'Service'", { group: '', kind: 'Service', port: 80 }, { group: '', kind: 'Service' }],
    ["f.type == 'RequestRedirect') && self.exists", [move], [move, strip]],
    ["self.filter(f, f.type == 'URLRewrite')", [strip], [strip, strip]],
    ['!(has(self.urlRewrite)', strip, { ...strip, type: 'CORS' }],
    ['!(!has(self.urlRewrite)', strip, { type: 'URLRewrite' }],
    ["'*' in self", ['*'], ['*', 'a']],
    ['has(self.percent)', { percent: 5 }, { percent: 5, fraction: {} }],
    ['self.numerator', { numerator: 100, denominator: 100 }, { numerator: 101, denominator: 100 }],
    ["self.type == 'ReplaceFullPath' ? has", { type: 'ReplaceFullPath', replaceFullPath: '/' }, { type: 'ReplaceFullPath' }],
    ["has(self.replaceFullPath) ? self.type == 'ReplaceFullPath'", { type: 'ReplaceFullPath', replaceFullPath: '/' }, { type: 'ReplacePrefixMatch', replaceFullPath: '/' }],
    ["|| self.type == 'RegularExpression'", { type: 'Exact' }, { type: 'Glob' }],
  ])('%s', check);

  test.each(['/a//b', '/a/./b', '/a/../b', '/a%2fb', '/a%2Fb', '/a#b', '/a/..', '/a/.', 'a', '/a b'])('no path is %s', (value) => {
    const broken = (path: string, type = 'Exact') => Object.entries(CEL_RULES).filter(([rule, holds]) => rule.includes("in ['Exact','PathPrefix']") && !holds({ type, value: path } as never));
    expect(broken(value).length).toBeGreaterThan(0);
    expect(broken('/live/a-b_c')).toEqual([]);
    expect(broken(value, 'RegularExpression')).toEqual([]);
  });
});

describe('ScaledObject', () => {
  test('the fewest replicas are not above the most, which are 100 when nobody says', () => {
    const at = 'self.minReplicaCount';
    check(at, { minReplicaCount: 2, maxReplicaCount: 2 }, { minReplicaCount: 3, maxReplicaCount: 2 });
    check(at, {}, { minReplicaCount: 101 });
  });
});
