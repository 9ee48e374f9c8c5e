import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../../services/kit/http/problem.ts';
import { Router } from '../../../../services/kit/http/router.ts';

const router = new Router([
  { method: 'GET', path: '/api/tasks' },
  { method: 'POST', path: '/api/tasks' },
  { method: 'GET', path: '/api/tasks/:id' },
  { method: 'DELETE', path: '/api/tasks/:id' },
  { method: 'GET', path: '/api/tasks/overdue' },
  { method: 'GET', path: '/api/tasks/:task/history' },
  { method: 'GET', path: '/' },
]);

function problem(method: string, path: string): Problem {
  try {
    router.find(method, path);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was found');
}

describe('a path', () => {
  it('leads to its route with its parts, decoded', () => {
    expect(router.find('GET', '/api/tasks/a%2Fb%20%C3%A9')).toMatchObject({ route: { path: '/api/tasks/:id' }, params: { id: 'a/b é' } });
    expect(router.find('GET', '/api/tasks/7/history')).toMatchObject({ params: { task: '7' } });
    expect(router.find('GET', '/').route.path).toBe('/');
  });

  it('prefers a fixed part to a name', () => {
    expect(router.find('GET', '/api/tasks/overdue').route.path).toBe('/api/tasks/overdue');
  });

  it('answers HEAD where it answers GET', () => {
    expect(router.find('HEAD', '/api/tasks').route.method).toBe('GET');
  });

  it.each(['/api/task', '/api/tasks/', '/api/tasks/1/2/3', '', '/api/tasks//history'])('%j is not found', (path) => {
    expect(problem('GET', path).status).toBe(404);
  });

  it('with another method is refused, saying which it takes', () => {
    expect(problem('PUT', '/api/tasks/1')).toMatchObject({ status: 405, options: { headers: { allow: 'DELETE, GET, HEAD' } } });
    expect(problem('BREW', '/api/tasks')).toMatchObject({ status: 405, options: { headers: { allow: 'GET, HEAD, POST' } } });
  });

  it.each(['/api/tasks/%', '/api/tasks/%ff', '/api/tasks/%00', '/api/tasks/a%00b'])('%s is a bad request', (path) => {
    expect(problem('GET', path).status).toBe(400);
  });

  it('never fails otherwise, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        try {
          router.find('GET', `/${path}`);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});

it('two routes on one path and method are a mistake', () => {
  expect(() => new Router([{ method: 'GET', path: '/a/:x' }, { method: 'GET', path: '/a/:y' }])).toThrow('two routes');
});
