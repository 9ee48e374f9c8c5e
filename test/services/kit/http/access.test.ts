import { describe, expect, it } from 'vitest';
import { appTokenCheck } from '../../../../services/kit/http/access.ts';
import type { Problem } from '../../../../services/kit/http/problem.ts';
import type { Request, Route } from '../../../../services/kit/http/route.ts';

const route = (access: 'public' | 'app'): Route => ({ method: 'POST', path: '/events/task-events', access, handler: () => ({ status: 204 }) });
const request = (headers: Request['headers']) => ({ headers }) as Request;
function answer(token: string, headers: Request['headers']): number {
  try {
    appTokenCheck([route('app')], token)(request(headers));
    return 200;
  } catch (error) {
    return (error as Problem).status;
  }
}

describe('a route that only Dapr may call', () => {
  it('lets the app token in', () => {
    expect(answer('secret', { 'dapr-api-token': 'secret' })).toBe(200);
  });

  it.each([{}, { 'dapr-api-token': '' }, { 'dapr-api-token': 'secre' }, { 'dapr-api-token': 'secret ' }, { 'dapr-api-token': 'Secret' }, { 'dapr-api-token': ['secret', 'secret'] }, { authorization: 'Bearer secret' }])(
    'does not let in %j',
    (headers) => {
      expect(answer('secret', headers)).toBe(401);
    },
  );

  it.each([undefined, ''])('cannot be served with the token %j', (token) => {
    expect(() => appTokenCheck([route('public'), route('app')], token)).toThrow('/events/task-events');
  });

  it('is not asked for where there is none', () => {
    expect(() => appTokenCheck([route('public')], undefined)).not.toThrow();
  });

  it('is closed even when a check without a token is asked', () => {
    const check = appTokenCheck([], undefined);
    expect(() => check(request({ 'dapr-api-token': 'undefined' }))).toThrow();
  });
});
