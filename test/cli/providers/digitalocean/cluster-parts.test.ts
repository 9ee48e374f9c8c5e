import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, versionOf } from '../../../../cli/providers/digitalocean/cluster/catalog.ts';
import { boundsOf, freeNetwork, overlapOf, rangesOf } from '../../../../cli/providers/digitalocean/cluster/networks.ts';
import { markOf, ownerOf } from '../../../../cli/providers/digitalocean/marks.ts';
import { isLost, pauseOf } from '../../../../cli/providers/digitalocean/retry.ts';
import { scopeOf } from '../../../../cli/providers/digitalocean/scopes.ts';

const OWNER = { platform: 'todo', environment: 'prod' };
const network = fc.integer({ min: 0, max: 255 });

test('the ranges of a network lie in it and apart from each other', () => {
  fc.assert(fc.property(network, (number) => {
    const ranges = Object.values(rangesOf(number)) as string[];
    ranges.forEach((range, index) => expect(overlapOf(range, ranges.slice(index + 1).map((other) => ({ range: other, by: 'us' })))).toBeUndefined());
    const [first, last] = boundsOf(`10.${number}.0.0/16`);
    for (const range of ranges) expect(boundsOf(range).every((address) => address >= first && address <= last)).toBe(true);
  }));
});

test('a free network overlaps with nobody, and is the same for the same names', () => {
  fc.assert(fc.property(fc.array(network, { maxLength: 99 }), (numbers) => {
    const taken = numbers.map((number) => ({ range: rangesOf(number).vpc, by: 'others' }));
    const found = freeNetwork(OWNER, taken);
    expect(found).toBeDefined();
    expect(freeNetwork(OWNER, taken)).toBe(found);
    for (const range of Object.values(rangesOf(found ?? 0)) as string[]) expect(overlapOf(range, taken)).toBeUndefined();
  }));
  expect(freeNetwork(OWNER, [{ range: '10.0.0.0/8', by: 'others' }])).toBeUndefined();
});

test('of versions the newest that is meant is taken', () => {
  const versions = ['1.35.9-do.0', '1.36.0-do.0', '1.36.10-do.0', '1.36.2-do.3'].map((slug) => ({ slug, kubernetes_version: slug.replace(/-do.*/, '') }));
  expect(['latest', '1.36', '1.35', '1.36.2', '1.36.0-do.0'].map((wanted) => versionOf(wanted, { versions }))).toEqual(['1.36.10-do.0', '1.36.10-do.0', '1.35.9-do.0', '1.36.2-do.3', '1.36.0-do.0']);
  expect(() => versionOf('1.3', { versions })).toThrow('DigitalOcean offers no Kubernetes 1.3');
  expect(compareVersions('1.36.1-do.2', '1.36.1-do.10')).toBeLessThan(0);
});

test('a mark tells whose it is, and nothing else is one', () => {
  expect(ownerOf(markOf(OWNER))).toEqual(OWNER);
  for (const other of ['todoctl', 'todoctl:todo', 'todoctl:registry:todo:x', 'k8s:todo:prod', '']) expect(ownerOf(other)).toBeUndefined();
});

test.each([
  ['GET', '/v2/kubernetes/clusters', 'kubernetes:read'], ['POST', '/v2/kubernetes/clusters', 'kubernetes:create'], ['GET', '/v2/kubernetes/clusters/x/credentials', 'kubernetes:access_cluster'],
  ['POST', '/v2/kubernetes/clusters/x/node_pools', 'kubernetes:update'], ['POST', '/v2/kubernetes/registries', 'registry:update'], ['DELETE', '/v2/vpcs/x', 'vpc:delete'],
  ['POST', '/v2/projects/x/resources', 'project:assign_resource'], ['POST', '/v2/projects', 'project:create'], ['POST', '/v2/domains/example.com/records', 'domain:create and domain:update'], ['DELETE', '/v2/domains/example.com/records/1', 'domain:delete and domain:update'], ['PUT', '/v2/domains/example.com/records/1', 'domain:update'], ['GET', '/v2/domains/example.com/records', 'domain:read'], ['GET', '/v2/unheard', undefined],
])('%s %s needs the scope %s', (method, path, scope) => {
  expect(scopeOf(method, path)).toBe(scope);
});

test('what is tried again, when, and what may have been done', () => {
  const of = (given: object) => ({ method: 'POST', path: '/v2/vpcs', ...given });
  expect(pauseOf(of({ status: 422 }), 1)).toBeUndefined();
  expect(pauseOf(of({ status: 429, headers: { 'retry-after': '3' } }), 1, () => 0)).toBe(3000);
  expect([1, 2, 3].map((attempt) => pauseOf(of({ status: 503 }), attempt, () => 0))).toEqual([500, 1000, 2000]);
  expect(pauseOf(of({ status: 429, headers: { 'retry-after': '4000' } }), 1)).toBe(60_000);
  expect([{ status: 500 }, { code: 'ECONNRESET' }, { status: 429 }, { code: 'ECONNREFUSED' }].map((given) => isLost(of(given)))).toEqual([true, true, false, false]);
});
