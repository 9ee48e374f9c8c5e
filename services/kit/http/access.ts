import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';
import type { Request, Route } from './route.ts';

/**
 * The check of routes with access 'app': Dapr sends the app token as `dapr-api-token`. Throws at once when there are such
 * routes and no token, so that they are never open by mistake.
 */
export function appTokenCheck(routes: readonly Route[], token: string | undefined): (request: Request) => void {
  const first = routes.find((route) => route.access === 'app');
  if (first && !token) throw new Error(`APP_API_TOKEN is missing: ${first.path} may be called through Dapr only`);
  return (request) => {
    const given = request.headers['dapr-api-token'];
    if (typeof given === 'string' && token !== undefined && same(given, token)) return;
    throw new Problem(401, 'This is called through Dapr only.', { headers: { 'www-authenticate': 'dapr-api-token' } });
  };
}

// Hashed first: timingSafeEqual wants equal lengths, and the length is a secret too.
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
