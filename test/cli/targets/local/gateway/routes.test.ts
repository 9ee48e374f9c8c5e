import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRoutes, fits } from '../../../../../cli/targets/local/gateway/routes.ts';

const at = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });
const portsOf = (found: readonly { port: number }[] | undefined): number[] | undefined => found?.map(({ port }) => port);
const still = (): number => 0;

describe('which route a path takes', () => {
  test.each([
    ['/api', '/api', true],
    ['/api/tasks', '/api', true],
    ['/api?limit=1', '/api', true],
    ['/apiary', '/api', false],
    ['/ap', '/api', false],
    ['/', '/', true],
    ['/anything/at/all', '/', true],
    ['http://elsewhere/api', '/', false],
    ['*', '/', false],
  ])('%s under %s: %s', (path, prefix, expected) => {
    expect(fits(path, prefix)).toBe(expected);
  });

  test('the longest prefix wins, in whatever order routes are written', () => {
    const all = [{ prefix: '/', upstreams: [at(1)] }, { prefix: '/api', upstreams: [at(2)] }, { prefix: '/api/live', upstreams: [at(3)] }];
    for (const routes of [all, all.toReversed()]) {
      const { candidates } = createRoutes(routes, still);
      expect(['/x', '/api/tasks', '/api/live/1', '/api/lively'].map((path) => portsOf(candidates(path)))).toEqual([[1], [2], [3], [2]]);
    }
  });

  test('what is private to the platform has no route, unless a route names it', () => {
    const web = { prefix: '/', upstreams: [at(1)] };
    const { candidates } = createRoutes([web, { prefix: '/api', upstreams: [at(2)] }], still);
    expect(['/metrics', '/readyz', '/livez', '/internal/audit', '/events/x', '/dapr/subscribe', '/%6detrics'].map(candidates)).toEqual(Array(7).fill(undefined));
    expect(['/', '/api/events'].map((path) => portsOf(candidates(path)))).toEqual([[1], [2]]);
    expect(portsOf(createRoutes([web, { prefix: '/events', upstreams: [at(3)] }], still).candidates('/events/today'))).toEqual([3]);
  });

  test('no route fits: undefined; a route without replicas: none', () => {
    const { candidates } = createRoutes([{ prefix: '/api', upstreams: [] }], still);
    expect(candidates('/')).toBeUndefined();
    expect(candidates('/api')).toEqual([]);
  });
});

describe('which replica is asked', () => {
  test('in turn, each route with a turn of its own', () => {
    const { candidates } = createRoutes([{ prefix: '/a', upstreams: [at(1), at(2), at(3)] }, { prefix: '/b', upstreams: [at(4), at(5)] }], still);
    const asked = ['/a', '/a', '/b', '/a', '/b', '/a'].map((path) => portsOf(candidates(path))?.[0]);
    expect(asked).toEqual([1, 2, 4, 3, 5, 1]);
  });

  test('one that refused comes last for half a second, then in its turn again', () => {
    let now = 0;
    const first = at(1);
    const routes = createRoutes([{ prefix: '/', upstreams: [first, at(2)] }], () => now);
    routes.refused(first);
    expect([1, 2, 3].map(() => portsOf(routes.candidates('/')))).toEqual([[2, 1], [2, 1], [2, 1]]);
    now = 501;
    expect([1, 2].map(() => portsOf(routes.candidates('/'))?.[0]).sort()).toEqual([1, 2]);
  });

  test('however many rest, every replica stays a candidate exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat({ max: 5 }), { maxLength: 10 }), (count, refusals) => {
        const upstreams = Array.from({ length: count }, (_, index) => at(index));
        const routes = createRoutes([{ prefix: '/', upstreams }], still);
        for (const index of refusals) routes.refused(upstreams[index % count] ?? at(0));
        expect(portsOf(routes.candidates('/'))?.sort()).toEqual(upstreams.map(({ port }) => port));
      }),
    );
  });
});
